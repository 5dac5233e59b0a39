// Gradio's client opens no event stream while it has one, and the server ends a stream after the last pending answer:
// the answer to a search sent just then would be lost. Here a stream's end counts only when every search sent was
// answered; until then another stream replaces it. Runs ahead of Gradio's scripts.
{
  const ask = window.fetch;
  // Searches that were sent and not answered yet. The page hears when there are none any more.
  let due = 0;
  window.answersDue = () => due;

  function answered() {
    due -= 1;
    if (due === 0) document.dispatchEvent(new Event("vitrina-answered"));
  }

  async function join(asked) {
    let joined = false;
    due += 1;
    try {
      const answer = await ask(...asked);
      joined = answer.ok;
      return answer;
    } finally {
      if (!joined) answered();
    }
  }

  async function* messages(answer) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const whole = (text + part.value).split("\n\n");
      text = whole.pop();
      yield* whole;
    }
  }

  async function* answers(answer, asked) {
    for await (const message of messages(answer)) {
      const { msg } = JSON.parse(message.slice("data:".length));
      if (msg === "process_completed") answered();
      if (msg === "close_stream" && due > 0) return yield* answers(await ask(...asked), asked);
      yield message;
      if (msg === "close_stream") return;
    }
  }

  function stream(parts) {
    const encoder = new TextEncoder();
    return new ReadableStream({
      async pull(to) {
        const { value, done } = await parts.next();
        if (done) to.close();
        else to.enqueue(encoder.encode(`${value}\n\n`));
      },
      cancel: () => parts.return(),
    });
  }

  window.fetch = async (...asked) => {
    const { pathname } = new URL(asked[0].url ?? asked[0], location.href);
    if (pathname.endsWith("/queue/join")) return join(asked);
    const answer = await ask(...asked);
    if (!pathname.endsWith("/queue/data") || !answer.ok) return answer;
    return new Response(stream(answers(answer, asked)), answer);
  };
}

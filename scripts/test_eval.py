"""The figures that `make eval` keeps, and what it prints beside them."""

import eval as evaluation

ROWS = [["Chorus", "nDCG@10", "0.748", "", "0.661"], ["shoppers", "things", "0.910", "0.880 to 0.940", "0.650"]]


def document(tmp_path, monkeypatch):
    file = tmp_path / "quality.md"
    file.write_text(f"# Quality\n\n{evaluation.BEGIN}\n\n{evaluation.END}\n\n## More\n")
    monkeypatch.setattr(evaluation, "KEPT", file)
    return file


def test_figures_that_are_kept_are_read_again(tmp_path, monkeypatch):
    file = document(tmp_path, monkeypatch)
    assert evaluation.kept() == {}
    evaluation.keep(ROWS)
    evaluation.keep(ROWS)
    assert evaluation.kept() == {("Chorus", "nDCG@10"): "0.748", ("shoppers", "things"): "0.910"}
    text = file.read_text()
    assert text.startswith("# Quality") and text.endswith("## More\n") and text.count("Chorus") == 1


def test_a_run_is_shown_beside_what_was_kept():
    table = evaluation.compared(ROWS, {("Chorus", "nDCG@10"): "0.761"}).splitlines()
    assert table[1].split() == ["Chorus", "nDCG@10", "0.761", "0.748", "-0.013", "0.661"]
    assert "0.880 to 0.940" in table[2] and "+" not in table[2]


def test_data_that_is_not_there_is_left_out_and_said(tmp_path, capsys):
    for each in evaluation.evaluations():
        assert each.run("/nowhere/vitrina", tmp_path) == []
    assert "left out: Chorus: " in capsys.readouterr().err

//! The stock server over the backends of this crate; its flags are those of `vitrina serve`.
//!
//! ```text
//! cargo run -p vitrina-custom-backend -- --catalog json:products.json --queue folder:photos-that-wait
//! ```

use clap::Parser;
use vitrina_server::cli::ServeOptions;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    serve: ServeOptions,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = Program::parse();
    vitrina_server::serve(program.serve, vitrina_custom_backend::registry()).await?;
    Ok(())
}

//! The seed's answers written down, for a person to read.

use std::fs::OpenOptions;
use std::io::Write;

use super::answer::Answer;
use super::exchange::Exchange;
use super::world::World;

/// How much of a long text is worth reading.
const READABLE: usize = 600;

/// Appends an exchange and its answer to the file that `PORTCULLIS_TEST_TRANSCRIPT` names, if it does.
pub fn write_down(exchange: &Exchange, answer: &Answer, world: &World) {
    let Ok(file) = std::env::var("PORTCULLIS_TEST_TRANSCRIPT") else { return };
    let shown = |bytes: Vec<u8>| shortened(world.mask(&String::from_utf8_lossy(&bytes)));
    let mut lines =
        vec![format!("## {}", exchange.id), format!("{} {}", exchange.method, shortened(exchange.path.clone()))];
    lines.extend(exchange.headers.iter().map(|(name, make)| format!("  {name}: {}", shown(make(world)))));
    lines.extend(exchange.body.iter().map(|make| format!("  {}", shown(make(world)))));
    lines.push(format!("=> {}", answer.status));
    let told = ["content-type", "allow", "location"];
    lines.extend(told.iter().filter_map(|name| Some(format!("  {name}: {}", answer.header(name)?))));
    lines.push(format!("  {}\n\n", shortened(answer.masked_body(world).to_string())));
    let mut file = OpenOptions::new().create(true).append(true).open(file).expect("the transcript can be opened");
    file.write_all(lines.join("\n").as_bytes()).expect("the transcript can be written");
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(READABLE) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text,
    }
}

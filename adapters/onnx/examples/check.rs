#![allow(
    clippy::all,
    clippy::pedantic,
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used
)]
use std::time::Instant;
use vitrina::Classifier;
use vitrina_onnx::*;
fn status(key: &str) -> String {
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    s.lines().find(|l| l.starts_with(key)).unwrap_or("").to_string()
}
fn files(dir: &str) -> Vec<std::path::PathBuf> {
    let mut out = vec![];
    let mut stack = vec![std::path::PathBuf::from(dir)];
    while let Some(d) = stack.pop() {
        for e in std::fs::read_dir(d).unwrap().flatten() {
            if e.path().is_dir() {
                stack.push(e.path())
            } else {
                out.push(e.path())
            }
        }
    }
    out.sort();
    out
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let t = Instant::now();
    let c = OnnxClassifier::open(&args[2], OnnxOptions { batch: std::env::var("B").map_or(4, |b| b.parse().unwrap()), ..OnnxOptions::default() }).unwrap();
    println!("{} opened in {:?} {}", c.model(), t.elapsed(), status("VmRSS"));
    match args[1].as_str() {
        "imagenet" => {
            let fs = files(&args[3]);
            let (mut top1, mut top5) = (0, 0);
            let bytes: Vec<Vec<u8>> = fs.iter().map(|f| std::fs::read(f).unwrap()).collect();
            let t = Instant::now();
            for (b, f) in bytes.chunks(4).zip(fs.chunks(4)) {
                let refs: Vec<&[u8]> = b.iter().map(|x| &x[..]).collect();
                for (r, f) in c.classify(&refs).unwrap().into_iter().zip(f) {
                    let r = r.unwrap();
                    let want = f.file_name().unwrap().to_str().unwrap()[..9].to_string();
                    top1 += usize::from(r.labels[0].label == want);
                    top5 += usize::from(r.labels[..5].iter().any(|l| l.label == want));
                }
            }
            println!(
                "{} photos top1 {top1} top5 {top5} {:?} each {}",
                fs.len(),
                t.elapsed() / fs.len() as u32,
                status("VmRSS")
            );
            let t = Instant::now();
            std::thread::scope(|s| {
                for half in bytes.chunks(bytes.len().div_ceil(2)) {
                    let c = &c;
                    s.spawn(move || {
                        for b in half.chunks(4) {
                            let r: Vec<&[u8]> = b.iter().map(|x| &x[..]).collect();
                            c.classify(&r).unwrap();
                        }
                    });
                }
            });
            println!(
                "two threads {:?} each {}",
                t.elapsed() / fs.len() as u32,
                status("VmRSS")
            );
            println!("{}", status("VmHWM"));
        }
        "parity" => {
            let v: serde_json::Value = serde_json::from_slice(&std::fs::read(format!("{}/reference.json", args[3])).unwrap()).unwrap();
            let mut diffs = vec![];
            for p in v["photos"].as_array().unwrap() {
                let b = std::fs::read(format!("{}/{}", args[3], p["png"].as_str().unwrap())).unwrap();
                let r = c.classify(&[&b]).unwrap().remove(0).unwrap();
                let d = r.labels.iter().map(|l| (l.score - p["probabilities"][&l.label].as_f64().unwrap_or(0.0) as f32).abs()).fold(0.0, f32::max);
                let e = vitrina::Embedding::new(p["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()).unwrap();
                let order = r.labels[..5].iter().zip(p["top5"].as_array().unwrap()).all(|(a, b)| b["id"] == a.label);
                diffs.push((d, r.embedding.unwrap().cosine(&e), order));
            }
            diffs.sort_by(|a, b| b.0.total_cmp(&a.0));
            println!("{} {:?}", diffs.len(), &diffs[..8]);
            println!("order wrong {} least cosine {:?}", diffs.iter().filter(|d| !d.2).count(), diffs.iter().map(|d| d.1).fold(1.0, f32::min));
        }
        "loop" => {
            let b = std::fs::read(&args[3]).unwrap();
            for i in 0..args[4].parse::<usize>().unwrap() {
                let r = c.classify(&[&b]).unwrap();
                if i % 50 == 0 { println!("{i} {:?} {}", r[0].is_ok(), status("VmRSS")); }
            }
        }
        "hostile" => {
            let mut counts = std::collections::BTreeMap::<String, usize>::new();
            let mut slow = vec![];
            let mut mem = vec![]; let mut last = 0u64;
            for f in files(&args[3]) {
                let b = std::fs::read(&f).unwrap();
                std::fs::write("/proc/self/clear_refs", "5").ok();
                let t = Instant::now();
                let r = c.classify(&[&b]).unwrap().remove(0);
                let took = t.elapsed();
                let hwm = status("VmHWM");
                let rss: u64 = status("VmRSS").split_whitespace().nth(1).unwrap().parse().unwrap(); if rss > last + 20000 || rss + 20000 < last { println!("rss {last} -> {rss} {} ", f.display()); last = rss; } let kb: u64 = hwm.split_whitespace().nth(1).unwrap().parse().unwrap();
                let key = match &r {
                    Ok(_) => "ok".to_string(),
                    Err(vitrina::PhotoError::TooManyPixels { width, height, .. }) => {
                        println!("big {width}x{height} {}", f.display());
                        "too many".into()
                    }
                    Err(e) => e.to_string(),
                };
                if args.len() > 4 && key.contains(&args[4]) {
                    println!("{key}: {} {}", f.display(), b.len());
                }
                *counts.entry(key).or_default() += 1;
                slow.push((took, f.clone(), r.is_ok()));
                mem.push((kb, f, r.is_ok()));
            }
            slow.sort();
            mem.sort();
            println!("{counts:#?}");
            for s in slow.iter().rev().take(5) {
                println!("{s:?}");
            }
            for s in mem.iter().rev().take(5) {
                println!("{s:?}");
            }
        }
        _ => {
            for f in files(&args[3]) {
                let b = std::fs::read(&f).unwrap();
                let t = Instant::now();
                let r = c.classify(&[&b]).unwrap().remove(0);
                println!(
                    "{} {:?} {:?}",
                    f.display(),
                    t.elapsed(),
                    r.map(|r| r
                        .labels
                        .into_iter()
                        .take(3)
                        .map(|l| (l.label, l.score))
                        .collect::<Vec<_>>())
                );
            }
        }
    }
    println!("{} {}", status("VmRSS"), status("VmHWM"));
}

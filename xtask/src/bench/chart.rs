//! The report at a glance: for each figure a bar, whose length is ours against the other's.

use std::path::Path;

use plotters::prelude::*;

use super::peers::{CLIENT_GO, CONTROLLER_RUNTIME, KUBE, OURS};
use super::report::{Report, Row};
use super::tables::AGAINST;
use crate::Outcome;

/// What is drawn: the rest is in the table.
const DRAWN: [&str; 11] = [
    "wall",
    "CPU",
    "peak RSS",
    "live heap",
    "p50",
    "p99",
    "CPU a request",
    "clean build",
    "rebuild (dev)",
    "rebuild (release)",
    "binary",
];
/// Bars end here; the number beside them goes on.
const LONGEST: f64 = 1.6;
const WIDTH: i32 = 960;
const LEFT: i32 = 400;
const RIGHT: i32 = 60;
const TOP: i32 = 64;
const LINE: i32 = 20;
const KUBE_COLOR: RGBColor = RGBColor(0x2f, 0x6f, 0xb0);
const GO_COLOR: RGBColor = RGBColor(0x4f, 0xa5, 0x8b);
const WORSE_COLOR: RGBColor = RGBColor(0xc4, 0x4e, 0x3a);

/// A bar: what it is of, against whom, how long.
struct Bar {
    title: Option<String>,
    peer: &'static str,
    ratio: f64,
}

/// Draws the picture into a file.
pub fn draw(report: &Report, path: &Path) -> Outcome {
    let bars: Vec<Bar> = report.rows.iter().filter(|row| DRAWN.contains(&&*row.what)).flat_map(bars).collect();
    let height = TOP + LINE * bars.len() as i32 + 24;
    let root = SVGBackend::new(path, (WIDTH as u32, height as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let text = ("sans-serif", 14).into_font();
    let heading = ("sans-serif", 18).into_font();
    root.draw(&Text::new(format!("{OURS} against the others: shorter is better, 1 is a draw"), (16, 14), heading))?;
    for (index, (peer, color)) in
        [(KUBE, KUBE_COLOR), (CLIENT_GO, GO_COLOR), (CONTROLLER_RUNTIME, GO_COLOR), ("worse", WORSE_COLOR)]
            .into_iter()
            .enumerate()
    {
        let x = LEFT + index as i32 * 140;
        root.draw(&Rectangle::new([(x, 42), (x + 12, 54)], color.filled()))?;
        root.draw(&Text::new(peer, (x + 18, 42), text.clone()))?;
    }
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + LINE * index as i32;
        if let Some(title) = &bar.title {
            root.draw(&PathElement::new([(16, y), (WIDTH - 16, y)], RGBColor(0xe4, 0xe4, 0xe4)))?;
            root.draw(&Text::new(title.clone(), (16, y + 4), text.clone()))?;
        }
        let color = match bar.peer {
            _ if bar.ratio > 1.0 => WORSE_COLOR,
            KUBE => KUBE_COLOR,
            _ => GO_COLOR,
        };
        let end = place(bar.ratio.min(LONGEST));
        root.draw(&Rectangle::new([(LEFT, y + 4), (end, y + LINE - 4)], color.filled()))?;
        root.draw(&Text::new(format!("{:.2} of {}", bar.ratio, bar.peer), (end + 6, y + 4), text.clone()))?;
    }
    root.draw(&PathElement::new([(place(1.0), TOP - 6), (place(1.0), height - 16)], BLACK))?;
    root.present()?;
    Ok(())
}

/// Where a ratio is, from the left.
fn place(ratio: f64) -> i32 {
    LEFT + (f64::from(WIDTH - LEFT - RIGHT - 100) * ratio / LONGEST) as i32
}

fn bars(row: &Row) -> Vec<Bar> {
    let mut title = Some(row.title());
    AGAINST
        .into_iter()
        .filter_map(|peer| Some(Bar { title: None, peer, ratio: row.ratio(peer)? }))
        .map(|bar| Bar { title: title.take(), ..bar })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::{Key, Section, Unit};

    #[test]
    fn each_comparison_is_a_bar_and_the_first_of_a_row_has_its_title() {
        let mut report = Report::new(1, None);
        let (section, unit) = (Section::Server, Unit::Seconds);
        let key = Key { section, task: "list", what: "wall", pods: None, unit };
        for (peer, value) in [(OURS, 1.0), (KUBE, 2.0), (CLIENT_GO, 4.0)] {
            report.add(key, peer, value.into());
        }
        let bars = bars(&report.rows[0]);
        let seen: Vec<_> = bars.iter().map(|bar| (bar.title.as_deref(), bar.peer, bar.ratio)).collect();
        assert_eq!(seen, [(Some("list: wall"), KUBE, 0.5), (None, CLIENT_GO, 0.25)]);
    }
}

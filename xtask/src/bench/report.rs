//! What was measured: as a table in the terminal, and as files.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::peers::{CLIENT_GO, CLIENT_GO_JSON, KUBE, OURS};
use super::statistics::Spread;
use super::{machine, picture};

/// The columns, ours first.
const PEERS: [&str; 4] = [OURS, KUBE, CLIENT_GO, CLIENT_GO_JSON];

/// What a figure counts. Less is better in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Milliseconds,
    Microseconds,
    Seconds,
    Megabytes,
    Count,
}

/// One program's figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub peer: String,
    #[serde(flatten)]
    pub spread: Spread,
}

/// One thing that was measured of several programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The task: `list`.
    pub task: String,
    /// What of it: `wall`.
    pub what: String,
    /// How many pods there were, where it matters.
    pub pods: Option<usize>,
    pub unit: Unit,
    pub figures: Vec<Figure>,
}

/// A run of `cargo xtask bench`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub date: String,
    pub commit: String,
    pub machine: String,
    pub versions: Vec<String>,
    pub runs: u32,
    /// What a reader should know of this run, if anything.
    pub note: Option<String>,
    pub rows: Vec<Row>,
}

impl Row {
    /// A program's figure.
    pub fn of(&self, peer: &str) -> Option<Spread> {
        self.figures.iter().find(|figure| figure.peer == peer).map(|figure| figure.spread)
    }

    /// Ours against another's: below 1 is better.
    pub fn ratio(&self, peer: &str) -> Option<f64> {
        let (ours, other) = (self.of(OURS)?.median, self.of(peer)?.median);
        (other > 0.0).then_some(ours / other)
    }

    /// What it is, in words.
    pub fn title(&self) -> String {
        match self.pods {
            Some(pods) => format!("{}, {} pods: {}", self.task, grouped(pods as f64), self.what),
            None => format!("{}: {}", self.task, self.what),
        }
    }
}

impl Report {
    /// An empty one, of today and this machine.
    pub fn new(runs: u32, note: Option<String>) -> Self {
        let versions = [
            machine::first_line("rustc", &["--version"]),
            machine::first_line("go", &["version"]),
            Some("kube 5.0.0 with k8s-openapi 0.29.0".to_owned()),
            Some("client-go 0.37.1".to_owned()),
            Some(format!("Kubernetes {}", kubewright_testbed::minors()[0].kubernetes)),
        ];
        Self {
            date: machine::today(),
            commit: machine::first_line("git", &["describe", "--always", "--dirty"]).unwrap_or_default(),
            machine: machine::describe(),
            versions: versions.into_iter().flatten().collect(),
            runs,
            note,
            rows: Vec::new(),
        }
    }

    /// Takes the rows of the last report in a folder over, if there is one of the same machine.
    pub fn take_over(&mut self, folder: &Path) {
        let text = fs::read_to_string(folder.join("performance.json")).unwrap_or_default();
        if let Ok(last) = serde_json::from_str::<Self>(&text)
            && last.machine == self.machine
        {
            self.rows = last.rows;
        }
    }

    /// Adds a figure, in place of one that is there.
    pub fn add(&mut self, task: &str, what: &str, pods: Option<usize>, unit: Unit, peer: &str, spread: Spread) {
        let same = |row: &&mut Row| row.task == task && row.what == what && row.pods == pods;
        let figure = Figure { peer: peer.to_owned(), spread };
        if let Some(row) = self.rows.iter_mut().find(same) {
            row.figures.retain(|figure| figure.peer != peer);
            row.figures.push(figure);
            return;
        }
        let (task, what) = (task.to_owned(), what.to_owned());
        self.rows.push(Row { task, what, pods, unit, figures: vec![figure] });
    }

    /// The table for a terminal.
    pub fn terminal(&self) -> String {
        let cells = self.cells();
        let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..cells[0].len()).map(width).collect();
        let mut text = String::new();
        for row in &cells {
            let line: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(
                    |(column, (cell, width))| {
                        if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                    },
                )
                .collect();
            let _ = writeln!(text, "{}", line.join("  ").trim_end());
        }
        text
    }

    /// The table in Markdown.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (index, row) in self.cells().iter().enumerate() {
            let _ = writeln!(text, "| {} |", row.join(" | "));
            if index == 0 {
                let _ = writeln!(text, "|---|{}", "---:|".repeat(row.len() - 1));
            }
        }
        text
    }

    /// Writes `performance.md`, `performance.json` and `performance.svg` into a folder, and returns the first.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
        fs::write(folder.join("performance.json"), serde_json::to_string_pretty(self)? + "\n")?;
        picture::draw(self, &folder.join("performance.svg"))?;
        let path = folder.join("performance.md");
        fs::write(&path, self.markdown())?;
        Ok(path)
    }

    fn markdown(&self) -> String {
        let versions = self.versions.join(" · ");
        include_str!("page.md")
            .replace("DATE", &self.date)
            .replace("COMMIT", &self.commit)
            .replace("MACHINE", &self.machine)
            .replace("VERSIONS", &versions)
            .replace("NOTE", &self.note.as_ref().map_or_else(String::new, |note| format!("\n> {note}\n")))
            .replace("RUNS", &self.runs.to_string())
            .replace("TABLE", self.table().trim_end())
    }

    fn cells(&self) -> Vec<Vec<String>> {
        let mut head = vec!["measured".to_owned()];
        head.extend(PEERS.map(str::to_owned));
        head.extend(["÷ kube".to_owned(), "÷ client-go".to_owned()]);
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![row.title()];
            cells
                .extend(PEERS.map(|peer| row.of(peer).map_or("–".to_owned(), |spread| shown(spread.median, row.unit))));
            let ratio = |peer| row.ratio(peer).map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
            cells.extend([ratio(KUBE), ratio(CLIENT_GO)]);
            cells
        });
        std::iter::once(head).chain(rows).collect()
    }
}

/// A figure with its unit, with three digits that say something.
fn shown(value: f64, unit: Unit) -> String {
    let rounded = |value: f64| match value.abs() {
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => grouped(value),
    };
    match unit {
        Unit::Milliseconds => format!("{} ms", rounded(value)),
        Unit::Microseconds => format!("{} µs", rounded(value)),
        Unit::Seconds => format!("{} s", rounded(value)),
        Unit::Megabytes => format!("{} MB", rounded(value)),
        Unit::Count => grouped(value),
    }
}

/// A whole number, its thousands apart: `10,000`.
fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::from(if value <= -0.5 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report {
            date: "2026-01-02".into(),
            commit: "c".into(),
            machine: "m".into(),
            versions: vec![],
            runs: 3,
            note: None,
            rows: vec![],
        };
        report.add("list", "wall", Some(10_000), Unit::Milliseconds, KUBE, 2000.0.into());
        report.add("list", "wall", Some(10_000), Unit::Milliseconds, OURS, 500.0.into());
        report.add("a small program", "packages", None, Unit::Count, OURS, 100.0.into());
        report.add("a small program", "packages", None, Unit::Count, KUBE, 80.0.into());
        report
    }

    #[test]
    fn a_ratio_is_ours_against_the_other_and_there_is_none_without_both() {
        let report = report();
        assert_eq!(report.rows[0].ratio(KUBE), Some(0.25));
        assert_eq!(report.rows[1].ratio(KUBE), Some(1.25));
        assert_eq!(report.rows[0].ratio(CLIENT_GO), None);
    }

    #[test]
    fn the_table_has_a_line_for_each_row_and_a_dash_for_what_was_not_measured() {
        assert_eq!(
            report().table(),
            "| measured | kubewright | kube | client-go | client-go (JSON) | ÷ kube | ÷ client-go |\n\
             |---|---:|---:|---:|---:|---:|---:|\n\
             | list, 10,000 pods: wall | 500 ms | 2,000 ms | – | – | 0.25 | – |\n\
             | a small program: packages | 100 | 80 | – | – | 1.25 | – |\n"
        );
    }

    #[test]
    fn a_figure_measured_again_takes_the_place_of_the_old_one() {
        let mut report = report();
        report.add("list", "wall", Some(10_000), Unit::Milliseconds, OURS, 400.0.into());
        assert_eq!(report.rows.len(), 2);
        assert_eq!(report.rows[0].of(OURS).map(|spread| spread.median), Some(400.0));
    }

    #[test]
    fn a_report_can_be_read_again() {
        let report = report();
        let text = serde_json::to_string(&report).expect("written");
        assert_eq!(serde_json::from_str::<Report>(&text).expect("read"), report);
    }

    #[test]
    fn numbers_are_shown_with_three_digits_or_grouped() {
        assert_eq!(shown(1.234, Unit::Seconds), "1.23 s");
        assert_eq!(shown(12.34, Unit::Megabytes), "12.3 MB");
        assert_eq!(shown(1_234_567.0, Unit::Count), "1,234,567");
        assert_eq!(grouped(-1234.0), "-1,234");
    }
}

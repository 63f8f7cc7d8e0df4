//! The tables of a report, in Markdown; a terminal shows the same.

use std::fmt::Write as _;

use super::micro::THEIRS;
use super::peers::{CLIENT_GO, CLIENT_GO_JSON, CONTROLLER_RUNTIME, KUBE, KUBE_APISERVER, OURS};
use super::report::{Report, Row, Section, Unit};
use super::targets::Target;

/// The programs, ours first.
const PEERS: [&str; 6] = [OURS, KUBE, CLIENT_GO, CLIENT_GO_JSON, CONTROLLER_RUNTIME, KUBE_APISERVER];
/// Those with which ours is compared.
pub const AGAINST: [&str; 4] = [KUBE, CLIENT_GO, CONTROLLER_RUNTIME, KUBE_APISERVER];
const NOTHING: &str = "–";

type Cells = Vec<Vec<String>>;

/// A section whose rows compare programs.
pub fn compared(report: &Report, section: Section) -> String {
    markdown(&compared_cells(report, section))
}

/// The codecs: a line for each case.
pub fn in_memory(report: &Report) -> String {
    markdown(&in_memory_cells(report))
}

/// A section that is of ours alone: a line for each task, a column for each thing that was measured of it.
pub fn profile(report: &Report, section: Section) -> String {
    markdown(&profile_cells(report, section))
}

/// All that was measured, for a terminal.
pub fn terminal(report: &Report) -> String {
    let tables = [
        compared_cells(report, Section::Server),
        compared_cells(report, Section::Controllers),
        compared_cells(report, Section::Fake),
        in_memory_cells(report),
        compared_cells(report, Section::Build),
        profile_cells(report, Section::Profile),
        profile_cells(report, Section::Heap),
    ];
    let tables: Vec<String> = tables.iter().filter(|cells| cells.len() > 1).map(aligned).collect();
    tables.join("\n")
}

fn rows(report: &Report, section: Section) -> impl Iterator<Item = &Row> {
    report.rows.iter().filter(move |row| row.section == section)
}

fn compared_cells(report: &Report, section: Section) -> Cells {
    let there = |peer: &&str| rows(report, section).any(|row| row.of(peer).is_some());
    let peers: Vec<&str> = PEERS.into_iter().filter(there).collect();
    let against: Vec<&str> = AGAINST.into_iter().filter(there).collect();
    let mut head = vec!["measured".to_owned()];
    head.extend(peers.iter().map(|&peer| peer.to_owned()));
    head.extend(against.iter().map(|peer| format!("÷ {peer}")));
    head.push("target".to_owned());
    let mut cells = vec![head];
    for row in rows(report, section) {
        let mut line = vec![row.title()];
        line.extend(peers.iter().map(|peer| figure(Some(row), peer)));
        line.extend(against.iter().map(|peer| ratio(Some(row), peer)));
        line.push(target(row.target, row.unit));
        cells.push(line);
    }
    cells
}

fn in_memory_cells(report: &Report) -> Cells {
    let head = [
        "in memory",
        "time",
        "speed",
        "allocations",
        THEIRS,
        "speed",
        "allocations",
        "÷ time",
        "÷ allocations",
        "target",
    ];
    let mut cells = vec![head.map(str::to_owned).to_vec()];
    for (task, rows) in by_task(report, Section::Memory) {
        let row = |what: &str| rows.iter().find(|row| row.what == what).copied();
        let (time, speed, allocations) = (row("time"), row("speed"), row("allocations"));
        let mut line = vec![task];
        for peer in [OURS, THEIRS] {
            line.extend([time, speed, allocations].map(|row| figure(row, peer)));
        }
        line.extend([ratio(time, THEIRS), ratio(allocations, THEIRS)]);
        line.push(time.map_or_else(String::new, |row| target(row.target, row.unit)));
        cells.push(line);
    }
    cells
}

fn profile_cells(report: &Report, section: Section) -> Cells {
    let mut columns: Vec<&str> = Vec::new();
    for row in rows(report, section) {
        if !columns.contains(&&*row.what) {
            columns.push(&row.what);
        }
    }
    let mut head = vec!["kubewright".to_owned()];
    head.extend(columns.iter().map(|&column| column.to_owned()));
    let mut cells = vec![head];
    for (task, rows) in by_task(report, section) {
        let mut line = vec![task];
        line.extend(columns.iter().map(|what| figure(rows.iter().find(|row| row.what == *what).copied(), OURS)));
        cells.push(line);
    }
    cells
}

/// The rows of each task, in the order in which they were measured.
fn by_task(report: &Report, section: Section) -> Vec<(String, Vec<&Row>)> {
    let mut tasks: Vec<(String, Vec<&Row>)> = Vec::new();
    for row in rows(report, section) {
        let task = row.of_what();
        match tasks.iter_mut().find(|(name, _)| *name == task) {
            Some((_, rows)) => rows.push(row),
            None => tasks.push((task, vec![row])),
        }
    }
    tasks
}

fn figure(row: Option<&Row>, peer: &str) -> String {
    let spread = row.and_then(|row| Some((row.of(peer)?, row.unit)));
    spread.map_or_else(|| NOTHING.to_owned(), |(spread, unit)| shown(spread.median, unit))
}

fn ratio(row: Option<&Row>, peer: &str) -> String {
    row.and_then(|row| row.ratio(peer)).map_or_else(|| NOTHING.to_owned(), |ratio| format!("{ratio:.2}"))
}

fn target(target: Option<Target>, unit: Unit) -> String {
    let Some(Target { at_most, reached }) = target else { return String::new() };
    format!("{}: {}", shown(at_most, unit), if reached { "reached" } else { "**missed**" })
}

fn markdown(cells: &Cells) -> String {
    if cells.len() < 2 {
        return "Not measured in this run.".to_owned();
    }
    let mut text = String::new();
    for (index, row) in cells.iter().enumerate() {
        let _ = writeln!(text, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(text, "|---|{}", "---:|".repeat(row.len() - 1));
        }
    }
    text.trim_end().to_owned()
}

fn aligned(cells: &Cells) -> String {
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..cells[0].len()).map(width).collect();
    let mut text = String::new();
    for row in cells {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column == 0 { write!(line, "{cell:<width$}") } else { write!(line, "  {cell:>width$}") };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
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
        Unit::MegabytesASecond => format!("{} MB/s", rounded(value)),
        Unit::Percent => format!("{} %", rounded(value)),
        Unit::Count => grouped(value),
    }
}

/// A whole number, its thousands apart: `10,000`.
pub fn grouped(value: f64) -> String {
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
    use crate::bench::report::Key;

    fn report() -> Report {
        let mut report = Report::new(3, None);
        let wall =
            Key { section: Section::Server, task: "list", what: "wall", pods: Some(10_000), unit: Unit::Milliseconds };
        report.add(wall, KUBE, 2000.0.into());
        report.add(wall, OURS, 700.0.into());
        report.add(
            Key { task: "get one pod", what: "p50", pods: None, unit: Unit::Microseconds, ..wall },
            OURS,
            500.0.into(),
        );
        report
    }

    #[test]
    fn a_table_has_a_line_for_each_row_the_peers_that_were_measured_and_the_target() {
        assert_eq!(
            compared(&report(), Section::Server),
            "| measured | kubewright | kube | ÷ kube | target |\n\
             |---|---:|---:|---:|---:|\n\
             | list, 10,000 pods: wall | 700 ms | 2,000 ms | 0.35 | 600 ms: **missed** |\n\
             | get one pod: p50 | 500 µs | – | – | 1,100 µs: reached |"
        );
    }

    #[test]
    fn a_section_that_was_not_measured_says_so_and_a_terminal_leaves_it_out() {
        assert_eq!(compared(&report(), Section::Build), "Not measured in this run.");
        assert_eq!(terminal(&report()).lines().count(), 3);
    }

    #[test]
    fn a_case_in_memory_is_a_line_with_both_sides() {
        let mut report = Report::new(1, None);
        for (what, unit, ours, theirs) in [
            ("time", Unit::Microseconds, 5.0, 20.0),
            ("speed", Unit::MegabytesASecond, 800.0, 200.0),
            ("allocations", Unit::Count, 100.0, 400.0),
        ] {
            let key = Key { section: Section::Memory, task: "decode", what, pods: None, unit };
            report.add(key, OURS, ours.into());
            report.add(key, THEIRS, theirs.into());
        }
        let table = in_memory(&report);
        let last = table.lines().last().expect("a line");
        assert_eq!(last, "| decode | 5.00 µs | 800 MB/s | 100 | 20.0 µs | 200 MB/s | 400 | 0.25 | 0.25 |  |");
    }

    #[test]
    fn a_profile_has_a_line_for_each_task_and_a_column_for_each_thing_measured() {
        let mut report = Report::new(1, None);
        let wall = Key { section: Section::Profile, task: "a", what: "wall", pods: None, unit: Unit::Milliseconds };
        report.add(wall, OURS, 1.0.into());
        report.add(Key { task: "b", what: "user", ..wall }, OURS, 2.0.into());
        let table = profile(&report, Section::Profile);
        assert!(table.ends_with("| a | 1.00 ms | – |\n| b | – | 2.00 ms |"), "{table}");
    }

    #[test]
    fn numbers_are_shown_with_three_digits_or_grouped() {
        assert_eq!(shown(1.234, Unit::Seconds), "1.23 s");
        assert_eq!(shown(12.34, Unit::Megabytes), "12.3 MB");
        assert_eq!(shown(0.123, Unit::Percent), "0.12 %");
        assert_eq!(shown(1_234_567.0, Unit::Count), "1,234,567");
        assert_eq!(grouped(-1234.0), "-1,234");
    }
}

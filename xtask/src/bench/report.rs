//! What was measured, and the files that say so.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::peers::OURS;
use super::statistics::Spread;
use super::targets::{self, Target};
use super::{chart, machine, tables};

/// The part of the report that a row belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Against a server.
    #[default]
    Server,
    /// Caches and controllers, against a server.
    Controllers,
    /// The fake server beside the real one.
    Fake,
    /// Codecs alone.
    Memory,
    /// What a user builds.
    Build,
    /// Where our time goes.
    Profile,
    /// Where our memory goes.
    Heap,
}

/// What a figure counts. Less is better in all but the speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Milliseconds,
    Microseconds,
    Seconds,
    Megabytes,
    MegabytesASecond,
    Percent,
    Count,
}

/// One program's figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub peer: String,
    #[serde(flatten)]
    pub spread: Spread,
}

/// What a figure is of.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    pub section: Section,
    pub task: &'a str,
    pub what: &'a str,
    pub pods: Option<usize>,
    pub unit: Unit,
}

/// One thing that was measured of several programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    #[serde(default)]
    pub section: Section,
    /// The task: `list`.
    pub task: String,
    /// What of it: `wall`.
    pub what: String,
    /// How many pods there were, where it matters.
    pub pods: Option<usize>,
    pub unit: Unit,
    pub figures: Vec<Figure>,
    /// What it should be, where the project has set that out.
    #[serde(default)]
    pub target: Option<Target>,
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
    /// The parts that were measured on another machine, each whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Elsewhere>,
    /// How many of the rows were there when this run began, and stay as they are.
    #[serde(skip)]
    done: usize,
}

/// The parts of which the page says where they were measured.
const PLACED: [Section; 3] = [Section::Server, Section::Controllers, Section::Fake];

/// Where and when a part of a report was measured that is of another machine than the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Elsewhere {
    pub section: Section,
    pub date: String,
    pub commit: String,
    pub machine: String,
    pub runs: u32,
}

impl Row {
    fn is(&self, key: Key<'_>) -> bool {
        self.section == key.section && self.task == key.task && self.what == key.what && self.pods == key.pods
    }

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
        format!("{}: {}", self.of_what(), self.what)
    }

    /// The task, in words.
    pub fn of_what(&self) -> String {
        match self.pods {
            Some(pods) => format!("{}, {} pods", self.task, tables::grouped(pods as f64)),
            None => self.task.clone(),
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
            Some("controller-runtime 0.25.2".to_owned()),
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
            elsewhere: Vec::new(),
            done: 0,
        }
    }

    /// The report in a folder, whatever machine it is of.
    pub fn read(folder: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let path = folder.join("performance.json");
        let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
    }

    /// Takes over what the last report in a folder says, but for the parts that are measured if that is a choice of them: their figures are
    /// replaced one by one. Of another machine only the former is taken, and the parts say where they were measured: those of which the
    /// page says that.
    pub fn take_over(&mut self, folder: &Path, measured: Option<&[Section]>) {
        let Some(mut last) = Self::last_of_any(folder) else { return };
        let is_measured = |section: Section| measured.is_none_or(|measured| measured.contains(&section));
        let of_another = |section: Section| last.elsewhere.iter().any(|part| part.section == section);
        // Figures of two machines never stand in one table.
        last.rows.retain(|row| !is_measured(row.section) || !of_another(row.section));
        last.elsewhere.retain(|part| !is_measured(part.section));
        if last.machine == self.machine {
            (self.rows, self.elsewhere) = (last.rows, last.elsewhere);
        } else if let Some(measured) = measured.filter(|measured| measured.iter().all(|part| PLACED.contains(part))) {
            let (date, commit, machine, runs) = (&self.date, &self.commit, &self.machine, self.runs);
            last.rows.retain(|row| !is_measured(row.section));
            last.elsewhere.extend(measured.iter().map(|&section| Elsewhere {
                section,
                date: date.clone(),
                commit: commit.clone(),
                machine: machine.clone(),
                runs,
            }));
            *self = last;
        }
    }

    /// The same, if it is of this commit and as many runs too; its rows are then not measured again.
    pub fn resume(&mut self, folder: &Path) {
        // The report itself may lie in the checkout.
        let commit = |report: &Self| report.commit.trim_end_matches("-dirty").to_owned();
        if let Some(last) = self.last(folder)
            && commit(&last) == commit(self)
            && last.runs == self.runs
        {
            (self.rows, self.elsewhere) = (last.rows, last.elsewhere);
            self.done = self.rows.len();
        }
    }

    fn last(&self, folder: &Path) -> Option<Self> {
        Self::last_of_any(folder).filter(|last| last.machine == self.machine)
    }

    /// The last report in a folder, whatever machine it is of.
    fn last_of_any(folder: &Path) -> Option<Self> {
        let mut last = Self::read(folder).ok()?;
        // A target may have been set since.
        last.rows.iter_mut().for_each(|row| row.target = targets::of(row));
        Some(last)
    }

    /// Whether the run that is resumed has measured this already.
    pub fn is_done(&self, section: Section, task: &str, pods: Option<usize>) -> bool {
        self.rows[..self.done].iter().any(|row| row.section == section && row.task == task && row.pods == pods)
    }

    /// Whether the run that is resumed has measured this figure of a program already.
    pub fn is_done_for(&self, key: Key<'_>, peer: &str) -> bool {
        self.rows[..self.done].iter().any(|row| row.is(key) && row.of(peer).is_some())
    }

    /// Whether the run that is resumed has measured some of this section already.
    pub fn is_begun(&self, section: Section) -> bool {
        self.rows[..self.done].iter().any(|row| row.section == section)
    }

    /// Adds a figure, in place of one that is there.
    pub fn add(&mut self, key: Key<'_>, peer: &str, spread: Spread) {
        let figure = Figure { peer: peer.to_owned(), spread };
        let row = match self.rows.iter().position(|row| row.is(key)) {
            Some(index) => &mut self.rows[index],
            None => {
                let Key { section, task, what, pods, unit } = key;
                let (task, what) = (task.to_owned(), what.to_owned());
                self.rows.push(Row { section, task, what, pods, unit, figures: Vec::new(), target: None });
                let last = self.rows.len() - 1;
                &mut self.rows[last]
            }
        };
        row.figures.retain(|figure| figure.peer != peer);
        row.figures.push(figure);
        row.target = targets::of(row);
    }

    /// Writes `performance.md`, `performance.json` and `performance.svg` into a folder, and returns the first.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
        fs::write(folder.join("performance.json"), serde_json::to_string_pretty(self)? + "\n")?;
        self.render(folder)
    }

    /// Writes what is made of the figures alone, `performance.md` and `performance.svg`, and returns the first.
    pub fn render(&self, folder: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
        chart::draw(self, &folder.join("performance.svg"))?;
        let path = folder.join("performance.md");
        fs::write(&path, self.markdown())?;
        Ok(path)
    }

    fn markdown(&self) -> String {
        fill(include_str!("page.md"), |name| self.part(name))
    }

    /// The table of a part, and where it was measured, if that is another place than that of the rest.
    fn compared(&self, section: Section) -> String {
        let part = self.elsewhere.iter().find(|part| part.section == section);
        let place = part.map_or_else(String::new, |Elsewhere { date, commit, machine, runs, .. }| {
            format!("\n\nMade apart from the rest, on {date} at commit {commit}, on {machine}, by {runs} runs.")
        });
        tables::compared(self, section) + &place
    }

    /// What stands in the page for a placeholder.
    fn part(&self, name: &str) -> Option<String> {
        Some(match name {
            "date" => self.date.clone(),
            "commit" => self.commit.clone(),
            "machine" => self.machine.clone(),
            "versions" => self.versions.join(" · "),
            "note" => self.note.as_ref().map_or_else(String::new, |note| format!("\n> {note}\n")),
            "runs" => self.runs.to_string(),
            "server" => self.compared(Section::Server),
            "controllers" => self.compared(Section::Controllers),
            "fake" => self.compared(Section::Fake),
            "memory" => tables::in_memory(self),
            "build" => tables::compared(self, Section::Build),
            "profile" => tables::profile(self, Section::Profile),
            "heap" => tables::profile(self, Section::Heap),
            _ => return None,
        })
    }
}

/// Puts the text of each `{{name}}` of a template in its place, in one pass: what is put in is not looked at again, and no other word of
/// the template can be taken for one. A name that is not known stays.
fn fill(template: &str, part: impl Fn(&str) -> Option<String>) -> String {
    let (mut page, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let known = after.split_once("}}").and_then(|(name, after)| Some((part(name)?, after)));
        let (text, after) = known.unwrap_or_else(|| ("{{".to_owned(), after));
        page.push_str(&text);
        rest = after;
    }
    page + rest
}

#[cfg(test)]
mod tests {
    use super::super::peers::{CLIENT_GO, KUBE};
    use super::*;

    const LIST: Key<'_> =
        Key { section: Section::Server, task: "list", what: "wall", pods: Some(10_000), unit: Unit::Milliseconds };
    const PACKAGES: Key<'_> =
        Key { section: Section::Build, task: "a small program", what: "packages", pods: None, unit: Unit::Count };

    fn report() -> Report {
        let mut report = Report::new(3, None);
        report.add(LIST, KUBE, 2000.0.into());
        report.add(LIST, OURS, 500.0.into());
        report.add(PACKAGES, OURS, 100.0.into());
        report.add(PACKAGES, KUBE, 80.0.into());
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
    fn a_figure_measured_again_takes_the_place_of_the_old_one() {
        let mut report = report();
        report.add(LIST, OURS, 400.0.into());
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
    fn a_part_of_another_machine_says_where_it_was_measured_and_the_rest_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let fake = Key { section: Section::Fake, ..LIST };
        let mut last = Report { machine: "another".to_owned(), date: "2020-01-01".to_owned(), ..report() };
        last.add(fake, OURS, 1.0.into());
        last.write(folder.path()).expect("written");

        let mut next = Report::new(5, None);
        next.take_over(folder.path(), None);
        assert_eq!((next.rows.len(), next.elsewhere.len()), (0, 0), "all of it is measured");
        next.take_over(folder.path(), Some(&[Section::Fake]));
        assert!(next.rows.iter().all(|row| row.section != Section::Fake), "{:?}", next.rows);
        next.add(fake, OURS, 2.0.into());
        assert_eq!((&*next.date, &*next.machine, next.rows.len()), ("2020-01-01", "another", 3));
        let page = next.markdown();
        assert!(page.contains(&format!("on {}, by 5 runs.", machine::describe())), "{page}");

        next.write(folder.path()).expect("written");
        let mut again = Report { machine: "another".to_owned(), ..Report::new(3, None) };
        again.take_over(folder.path(), Some(&[Section::Server]));
        assert_eq!((again.rows.len(), again.elsewhere.len()), (3, 1), "what is not measured stays where it was");
        again.take_over(folder.path(), Some(&[Section::Fake]));
        assert_eq!((again.rows.len(), again.elsewhere.len()), (2, 0), "it is of the same machine now");
    }

    #[test]
    fn a_resumed_run_has_done_what_the_last_one_of_the_commit_measured_and_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        report().write(folder.path()).expect("written");
        let mut next = Report::new(3, None);
        next.resume(folder.path());
        assert!(next.is_done(Section::Server, "list", Some(10_000)));
        assert!(!next.is_done(Section::Server, "list", Some(1000)));
        next.add(Key { task: "watch", ..LIST }, OURS, 1.0.into());
        assert!(!next.is_done(Section::Server, "watch", Some(10_000)));

        let mut other = Report::new(5, None);
        other.resume(folder.path());
        assert!(other.rows.is_empty(), "of three runs are not of five");
    }

    /// The lines that are in a code fence.
    fn fenced(page: &str) -> Vec<&str> {
        let mut inside = false;
        let lines = page.lines().filter(|line| {
            let fence = line.starts_with("```");
            inside ^= fence;
            inside && !fence
        });
        lines.collect()
    }

    #[test]
    fn the_page_has_every_part_in_its_place_and_no_table_in_a_command() {
        let mut report = report();
        report.note = Some("PROFILE, and {{heap}}".to_owned());
        report.add(Key { section: Section::Profile, ..LIST }, OURS, 300.0.into());
        let page = report.markdown();
        assert!(page.contains("\n> PROFILE, and {{heap}}\n"), "what is put in is left alone");
        assert_eq!(page.matches("{{").count(), 1, "no other placeholder is left");
        assert!(page.contains("\nCARGO_PROFILE_RELEASE_DEBUG=1 cargo build --release\n"));
        assert!(fenced(&page).iter().all(|line| !line.starts_with('|')), "{page}");
        for fence in ["cargo xtask bench --pods 10000 --runs 1", "cargo xtask bench --micro"] {
            assert!(fenced(&page).iter().any(|line| line.starts_with(fence)), "{fence}");
        }
        let placeholders =
            include_str!("page.md").split("{{").skip(1).map(|rest| rest.split_once("}}").expect("an end").0);
        for name in placeholders {
            assert!(report.part(name).is_some(), "{name} is no part of the page");
        }
    }

    #[test]
    fn the_page_that_is_kept_is_what_its_figures_make() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let page = fs::read_to_string(docs.join("performance.md")).expect("a page");
        let made = Report::read(&docs).expect("a report").markdown();
        assert!(page == made, "regenerate it with: cargo xtask bench --render --out docs");
    }
}

use super::*;

const SETTINGS: Settings = Settings { key: ShardKey::Uid, slots: 64, lease_duration_seconds: 15 };

fn set(members: &[&str]) -> BTreeSet<CompactString> {
    members.iter().map(|member| (*member).into()).collect()
}

/// All slots that are asked for are handed over, and planned again, until nothing changes.
fn settle(table: &mut Assignment, live: &[&str], dead: &[&str]) -> usize {
    let mut moves = 0;
    for _ in 0..10_000 {
        table.plan(&set(live), &set(dead));
        let asked: Vec<_> = (0..table.slots()).filter(|slot| table.next(*slot).is_some()).collect();
        if asked.is_empty() {
            return moves;
        }
        for slot in asked {
            let owner = table.owner(slot).expect("an owner").to_owned();
            assert!(table.hand_over(slot, &owner));
            moves += 1;
        }
    }
    panic!("it does not come to rest: {table:?}");
}

#[test]
fn slots_are_shared_evenly_and_no_more_are_moved_than_must_be() {
    let mut table = Assignment::new(SETTINGS);
    assert_eq!(settle(&mut table, &["a"], &[]), 0, "free slots need no handover");
    assert_eq!(table.counts(), BTreeMap::from([("a", 64)]));
    assert_eq!(table.ranges_of("a"), [HashRange::ALL]);
    assert_eq!(settle(&mut table, &["a", "b"], &[]), 32);
    assert_eq!(table.counts(), BTreeMap::from([("a", 32), ("b", 32)]));
    assert_eq!(settle(&mut table, &["a", "b", "c", "d"], &[]), 32);
    assert!(table.counts().values().all(|count| *count == 16), "{table:?}");
    // A member that died leaves its slots to the others, and no other slot moves.
    let others: Vec<_> = (0..64).filter(|slot| table.owner(*slot) != Some("b")).collect();
    let before: Vec<_> = others.iter().map(|slot| table.owner(*slot).map(str::to_owned)).collect();
    table.plan(&set(&["a", "c", "d"]), &set(&["b"]));
    let after: Vec<_> = others.iter().map(|slot| table.owner(*slot).map(str::to_owned)).collect();
    assert_eq!(before, after);
    assert!(table.counts().values().all(|count| (21..=22).contains(count)), "{table:?}");
}

#[test]
fn a_member_gives_one_slot_at_a_time_and_keeps_it_until_it_confirms() {
    let mut table = Assignment::new(SETTINGS);
    settle(&mut table, &["a"], &[]);
    table.plan(&set(&["a", "b", "c"]), &set(&[]));
    let asked: Vec<_> = (0..64).filter(|slot| table.next(*slot).is_some()).collect();
    assert_eq!(asked.len(), 1);
    assert!(!table.plan(&set(&["a", "b", "c"]), &set(&[])), "nothing more is asked for");
    let slot = asked[0];
    let next = table.next(slot).expect("a receiver").to_owned();
    assert!(matches!(table.role(slot, "a"), Role::Giver { .. }));
    assert_eq!(table.role(slot, &next), Role::Other);
    assert!(!table.clone().hand_over(slot, &next), "only its owner may");
    assert!(table.hand_over(slot, "a"));
    assert!(matches!(table.role(slot, &next), Role::Owner { .. }));
    assert_eq!(table.role(slot, "a"), Role::Other);
}

#[test]
fn a_receiver_that_dies_gets_nothing_and_a_giver_that_dies_gives() {
    let mut table = Assignment::new(SETTINGS);
    settle(&mut table, &["a"], &[]);
    table.plan(&set(&["a", "b"]), &set(&[]));
    let slot = (0..64).find(|slot| table.next(*slot).is_some()).expect("a move");
    let mut receiver_dead = table.clone();
    receiver_dead.plan(&set(&["a"]), &set(&["b"]));
    assert!(matches!(receiver_dead.role(slot, "a"), Role::Owner { .. }));
    table.plan(&set(&["b"]), &set(&["a"]));
    assert_eq!(table.counts(), BTreeMap::from([("b", 64)]));
}

#[test]
fn who_is_neither_live_nor_dead_keeps_its_slots() {
    let mut table = Assignment::new(SETTINGS);
    settle(&mut table, &["a", "b"], &[]);
    let before = table.ranges_of("b");
    table.plan(&set(&["a"]), &set(&[]));
    assert_eq!(table.ranges_of("b"), before);
}

#[test]
fn who_leaves_gets_nothing_more_and_what_it_confirmed_is_shared() {
    let mut table = Assignment::new(SETTINGS);
    settle(&mut table, &["a", "b"], &[]);
    assert!(table.announce("a") && !table.announce("a"));
    settle(&mut table, &["a", "b", "c"], &[]);
    let counts = table.counts();
    assert_eq!((counts["a"], counts["b"] + counts["c"]), (32, 32));
    assert_eq!((0..64).filter(|slot| table.hand_over(*slot, "a")).count(), 32);
    assert!((0..64).all(|slot| table.owner(slot) != Some("a")));
    settle(&mut table, &["a", "b", "c"], &[]);
    assert_eq!(table.counts(), BTreeMap::from([("b", 32), ("c", 32)]));
    table.plan(&set(&["b", "c"]), &set(&["a"]));
    assert_eq!(table.members(), BTreeSet::from(["b", "c"]));
}

#[test]
fn each_later_owner_of_a_slot_has_a_greater_token() {
    let mut table = Assignment::new(Settings { slots: 1, ..SETTINGS });
    let mut tokens = Vec::new();
    for (live, dead) in [("a", "z"), ("b", "a"), ("c", "b")] {
        table.plan(&set(&[live]), &set(&[dead]));
        let Role::Owner { token } = table.role(0, live) else { panic!("{table:?}") };
        tokens.push(token);
    }
    let other = Settings { slots: 2, ..SETTINGS };
    assert!(!table.clone().reset(other, &set(&["a"])), "its owner may act");
    assert!(table.reset(other, &set(&["c"])));
    table.plan(&set(&["d"]), &set(&[]));
    let Role::Owner { token } = table.role(1, "d") else { panic!("{table:?}") };
    tokens.push(token);
    assert!(tokens.is_sorted() && tokens.windows(2).all(|pair| pair[0] != pair[1]), "{tokens:?}");
}

#[test]
fn a_table_survives_storage_and_one_that_makes_no_sense_is_an_error() {
    let mut table = Assignment::new(Settings { key: ShardKey::Namespace, slots: 3, ..SETTINGS });
    table.plan(&set(&["a"]), &set(&[]));
    table.plan(&set(&["a", "b"]), &set(&[]));
    table.announce("b");
    let text = table.to_text().expect("JSON");
    assert_eq!(Assignment::parse(&text).expect("a table"), table);
    assert!(text.contains(r#""key":"namespace""#), "{text}");
    let broken = [
        String::new(),
        "{}".into(),
        text.replace(r#""version":1"#, r#""version":2"#),
        text.replace(r#""slots":3"#, r#""slots":4"#),
        text.replace("namespace", "name"),
        text.replace(r#""generation":3"#, &format!(r#""generation":{}"#, u64::MAX)),
    ];
    for text in broken {
        let error = Assignment::parse(&text).expect_err("no table");
        assert!(error.to_string().starts_with("the table of slots can't be read"), "{error}");
    }
}

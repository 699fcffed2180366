"""Progress that travels between machines: whatever the order of exports and restores, nothing is lost or doubled."""

import os
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from convlab.attempt import Attempt, raw
from convlab.store import Store

FULL = os.environ.get("CONVLAB_FULL") == "1"
NAMES = ("laptop", "binder", "classroom")
MACHINES = st.sampled_from(NAMES)
FILES = st.sampled_from(["a.json", "b.json"])
ANSWERS = st.one_of(st.integers(), st.text(max_size=20), st.lists(st.integers(0, 99), max_size=4), st.none())
ZONES = st.integers(-11, 13).map(lambda hours: timezone(timedelta(hours=hours)))
HOURS = st.integers(0, 30).map(lambda hours: datetime(2026, 5, 1) + timedelta(hours=hours))  # few, so that some agree
MOMENTS = st.builds(lambda moment, zone: moment.replace(tzinfo=zone).isoformat(), HOURS, ZONES)


class Travels(RuleBasedStateMachine):
    """Three machines, two files that are carried about, and what each of them must hold."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.holds = {name: {} for name in NAMES}
        self.files = {}

    def teardown(self):
        self.folder.cleanup()

    def store(self, machine):
        return Store(self.path / f"{machine}.sqlite")

    @rule(machine=MACHINES, answer=ANSWERS, at=MOMENTS, mistakes=st.sampled_from([(), ("M61",), ("M61", "M62")]))
    def answers(self, machine, answer, at, mistakes):
        attempt = Attempt("02.value", "wrong", raw(answer), at=at, mistakes=mistakes)
        assert self.store(machine).record(attempt)
        self.holds[machine][attempt.id] = attempt

    @rule(machine=MACHINES, file=FILES)
    def exports(self, machine, file):
        assert self.store(machine).export(self.path / file) == len(self.holds[machine])
        self.files[file] = dict(self.holds[machine])

    @rule(machine=MACHINES, file=FILES)
    def restores(self, machine, file):
        if file in self.files:
            new = self.files[file].keys() - self.holds[machine].keys()
            assert self.store(machine).restore(self.path / file) == len(new)
            self.holds[machine] |= {id: replace(self.files[file][id], source="import") for id in new}

    @rule(machine=MACHINES)
    def erases(self, machine):
        assert self.store(machine).erase() == len(self.holds[machine])
        self.holds[machine] = {}

    @invariant()
    def each_machine_holds_what_it_must_in_the_order_of_time(self):
        for machine in NAMES:
            kept = self.store(machine).attempts()
            assert len(kept) == len(self.holds[machine]) and {it.id: it for it in kept} == self.holds[machine]
            moments = [datetime.fromisoformat(it.at) for it in kept]
            assert moments == sorted(moments)


TestTravels = Travels.TestCase
TestTravels.settings = settings(max_examples=200 if FULL else 20, stateful_step_count=20, deadline=None)

"""The drill: seeded faults put into the real files of a home, each settled as a night would, and what noticed them.

A fault counts as `detected` only where it made a difference to the checks of ours: the file was refused or held, the
wrong figures were rejected, or a check failed that holds for the sound file, or found something else in it. A fault
after which every figure reads as before is `read_rightly`. Everything else is `missed`, and its file is kept.

The result (`<home>/drills/<run_id>.json`, without floating-point numbers; the ledger's `drill` entry is the same
without `trials`):

- `run_id`, `drilled_at` (UTC), `code_version`, `seed`, `faults` (asked for of each kind);
- `kinds`, one per kind asked for: `kind`, `name_vi`, `name_en`, `injected` = `detected` + `read_rightly` + `missed`,
  `by_outcome` (see OUTCOMES, counts), `caught_by` (check or reason of the reader: how many it named), `sources` (how
  many by source), `not_tried_vi`, `not_tried_en` (why nothing or less than asked was injected; else null);
- `clean`: the same history without faults: `loads`, `loads_alarmed`, `checks` (that had something to look at),
  `alarms`, `by_check` (check: `judged`, `alarms`), `by_source` (source: `loads`, `alarmed`), `alarmed` (each load with
  an alarm: `source_id`, `file_name`, `verdict`, `checks`);
- `trials`, one per fault: `kind`, `number`, `source_id`, `file_name` (of the sound file), `what` was done, `outcome`,
  `caught_by`, `wrong` (figures that would have been published wrong), `lost` (that would be missing), `kept` (name of
  the file in `<home>/drills/<run_id>/`; null unless missed).

A share of detected faults is (`detected` + `read_rightly`) / `injected`; of false alarms `alarms` / `checks`, and by
load `loads_alarmed` / `loads`. In a real home the latter is the most they can be: some of those warnings are right.
"""

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from expectations.report import HO_CHI_MINH
from ingestion.drill.case import Case, NotPossible, SoundFile, sound_file
from ingestion.drill.kinds import KINDS
from ingestion.drill.pages import can_write, put_together
from ingestion.due import covers, due_periods
from ingestion.errors import FileFault
from ingestion.read import read_file
from orchestration.drill_home import Lived, Outcome, as_before, drill_home, land, live_through, settle, sound_history
from orchestration.home import Home
from orchestration.lateness import late_periods
from warehouse.canonical import utc_text
from warehouse.files import make_folder, put_in_place, temporary
from warehouse.ledger import append

log = logging.getLogger("sotinh.drill")

OUTCOMES = ("refused", "quarantined", "rejected", "warned", "late", "read_rightly", "missed")
DETECTED = ("refused", "quarantined", "rejected", "warned", "late")

# A past to be compared with: five files give four changes of each series.
LEAST_EARLIER = 5
# Faults go into the newest files of a source; older ones would say the same of the checks.
FILES_SPOILT = 6
_MOST_DRAWS = 20

TOO_SHORT = (
    "lịch sử quá ngắn: không nguồn bảng số liệu nào có tệp đứng sau ít nhất {n} tệp được nhận",
    "the history is too short: no source of sheets has a file that comes after at least {n} accepted ones",
)
NOT_POSSIBLE = ("không có tệp nào phù hợp với loại lỗi này ({why})", "no file for a fault of this kind ({why})")
SOME_ONLY = ("chỉ {n} lần có tệp phù hợp ({why})", "a file for it was found {n} times only ({why})")


@dataclass(frozen=True)
class Trial:
    """One fault and what became of it; see the module for the fields."""

    kind: str
    number: int
    source_id: str
    file_name: str
    what: str
    outcome: str
    caught_by: Sequence[str]
    wrong: int = 0
    lost: int = 0
    kept: str | None = None


@dataclass(frozen=True)
class Base:
    """A sound file that faults are put into; `outcome` is of the file written again without a fault."""

    lived: Lived
    sound: SoundFile
    earlier: Sequence[SoundFile]
    outcome: Outcome


def run_drill(home: Home, *, seed: int, faults: int, kinds: Sequence[str], now: datetime) -> dict[str, Any]:
    """Drill the checks on a copy of the home's history, and write the result down.

    Args:
        home: the home; it gets `drills/<run_id>.json`, the files of missed faults and one ledger entry, nothing else.
        seed: every choice is drawn from it: the same for the same history and code.
        faults: how many of each kind.
        kinds: keys of KINDS.
        now: the present moment.

    Returns:
        The result, see the module.

    Raises:
        warehouse.errors.StoreError: disk full or not writable.
    """
    run_id = f"{now:%Y%m%dT%H%M%SZ}-{seed}"
    kept_in = home.paths.drills / run_id
    with drill_home(home) as drill:
        lived = list(live_through(home, drill, sound_history(home)))
        bases = _Bases(drill, lived)
        trials, whys = [], {}
        for kind in kinds:
            found, whys[kind] = _trials_of(kind, bases, drill, seed, faults)
            for trial, content in found:
                trials.append(trial)
                if trial.kept and content is not None:
                    make_folder(kept_in)
                    (kept_in / trial.kept).write_bytes(content)
    result = {
        "run_id": run_id,
        "drilled_at": utc_text(now),
        "code_version": home.code_version,
        "seed": seed,
        "faults": faults,
        "kinds": [_score(kind, [each for each in trials if each.kind == kind], whys[kind]) for kind in kinds],
        "clean": _clean(lived),
    }
    whole = {**result, "trials": [asdict(trial) for trial in trials]}
    _write(home, run_id, whole)
    append(home.ledger, "drill", run_id, result, now)
    return whole


def _write(home: Home, run_id: str, whole: Mapping[str, Any]) -> None:
    path = home.paths.drills / f"{run_id}.json"
    make_folder(path.parent)
    temporary(path).write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    put_in_place(temporary(path), path)


class _Bases:
    """The files that faults can be put into; each is taken apart, and written again as a proof, when first drawn."""

    def __init__(self, drill: Home, lived: Sequence[Lived]) -> None:
        self.drill = drill
        self.by_source: dict[str, list[Lived]] = {}
        for each in lived:
            if each.outcome.verdict in ("accepted", "accepted_with_warnings"):
                self.by_source.setdefault(each.source.source_id, []).append(each)
        self.found: dict[str, Base | NotPossible] = {}
        self.sound: dict[str, SoundFile] = {}

    def able(self) -> list[Lived]:
        return [
            each
            for files in self.by_source.values()
            if can_write(files[0].source)
            for each in files[LEAST_EARLIER:][-FILES_SPOILT:]
        ]

    def base(self, lived: Lived) -> Base:
        """The base of a file; NotPossible where it does not read the same when it is written again."""
        key = lived.file.sha256
        if key not in self.found:
            try:
                self.found[key] = self._base(lived)
            except (NotPossible, FileFault, ValueError) as error:
                self.found[key] = error if isinstance(error, NotPossible) else NotPossible(str(error))
        found = self.found[key]
        if isinstance(found, NotPossible):
            raise found
        return found

    def _base(self, lived: Lived) -> Base:
        before = self.by_source[lived.source.source_id]
        earlier = [self._sound(each) for each in before[: before.index(lived)][-LEAST_EARLIER:]]
        sound = self._sound(lived)
        content = put_together(sound.pages, lived.source)
        outcome = _settled(self.drill, lived, content, lived.file.file_name)
        if outcome.facts != lived.outcome.facts:
            raise NotPossible("written again it would not read the same")
        return Base(lived, sound, earlier, outcome)

    def _sound(self, lived: Lived) -> SoundFile:
        key = lived.file.sha256
        if key not in self.sound:
            read = read_file(lived.path, lived.file.file_name, lived.source, self.drill.reference)
            self.sound[key] = sound_file(lived.path, lived.file.file_name, lived.source, read)
        return self.sound[key]


def _settled(drill: Home, lived: Lived, content: bytes, file_name: str) -> Outcome:
    file = land(drill, lived, content, file_name)
    return settle(as_before(drill, lived), lived.source, file, lived.file.received_at)


def _trials_of(
    kind: str, bases: _Bases, drill: Home, seed: int, faults: int
) -> tuple[list[tuple[Trial, bytes | None]], tuple[str, str] | None]:
    """The faults of one kind, and why there are none or fewer than asked for."""
    able = bases.able()
    if not able:
        return [], (TOO_SHORT[0].format(n=LEAST_EARLIER), TOO_SHORT[1].format(n=LEAST_EARLIER))
    found: list[tuple[Trial, bytes | None]] = []
    whys: Counter[str] = Counter()
    for number in range(1, faults + 1):
        log.info("drill: %s %d/%d", kind, number, faults)
        rng = Random(f"{seed} {kind} {number}")
        trial = next(_tried(kind, number, bases, drill, rng, able, whys), None)
        if trial is not None:
            found.append(trial)
    if len(found) == faults:
        return found, None
    why = whys.most_common(1)[0][0]
    told = SOME_ONLY if found else NOT_POSSIBLE
    return found, (told[0].format(n=len(found), why=why), told[1].format(n=len(found), why=why))


def _tried(
    kind: str, number: int, bases: _Bases, drill: Home, rng: Random, able: Sequence[Lived], whys: Counter[str]
) -> Iterator[tuple[Trial, bytes | None]]:
    """Draw files until a fault can be put into one."""
    for _ in range(_MOST_DRAWS):
        lived = rng.choice(able)
        try:
            base = bases.base(lived)
            case = Case(base.sound, base.earlier, drill.reference, rng)
            what = KINDS[kind].make(case)
            content = put_together(case.pages, lived.source)
        except (NotPossible, FileFault) as why:
            whys[str(why)] += 1
            if kind == "missing_operator" and (late := _left_out(drill, lived, number)):
                yield late, None
            continue
        content = case.spoil_bytes(content) if case.spoil_bytes else content
        outcome = _settled(drill, lived, content, case.pages.file_name)
        yield _judged(kind, number, base, what, outcome), content


def _left_out(drill: Home, lived: Lived, number: int) -> Trial | None:
    """The one operator of a file reports nothing: no file comes, and the day after it is due it must be late."""
    source, facts = lived.source, lived.outcome.facts
    periods = sorted({key[3] for key in facts})
    if not any("operator:" in key[5] for key in facts) or len(periods) != 1:
        return None
    far = lived.file.received_at + timedelta(days=1000)
    owed = [due for due in due_periods(source, periods[0], far.date()) if covers(periods[0], periods[0], due)]
    if not owed:
        return None
    day_after = datetime.combine(owed[0].due_on + timedelta(days=1), datetime.min.time(), HO_CHI_MINH)
    late = late_periods(as_before(drill, lived), source, day_after)
    is_seen = any(row["period_id"] == owed[0].period_id for row in late)
    return Trial(
        kind="missing_operator",
        number=number,
        source_id=source.source_id,
        file_name=lived.file.file_name,
        what=f"no file of {source.source_id} for {periods[0]}",
        outcome="late" if is_seen else "missed",
        caught_by=["late"] if is_seen else [],
        lost=len(facts),
    )


def _judged(kind: str, number: int, base: Base, what: str, found: Outcome) -> Trial:
    """Hold what became of the spoilt file against what becomes of the sound one."""
    sound = base.outcome
    facts = {} if found.verdict in ("failed", "quarantined") else found.facts
    wrong = sum(sound.facts.get(key) != content for key, content in facts.items())
    lost = sum(key not in facts for key in sound.facts)
    named = sorted(name for name, observed in found.failed.items() if sound.failed.get(name) != observed)
    if found.verdict == "failed":
        outcome, named = "refused", [str(found.reason_code)]
    elif found.verdict == "quarantined" and named:
        outcome = "quarantined"
    elif named:
        outcome = "warned" if wrong or found.rejected == sound.rejected else "rejected"
    else:
        outcome = "missed" if wrong or lost or found.verdict == "quarantined" else "read_rightly"
    file_name = base.lived.file.file_name
    return Trial(
        kind=kind,
        number=number,
        source_id=base.lived.source.source_id,
        file_name=file_name,
        what=what,
        outcome=outcome,
        caught_by=named,
        wrong=wrong,
        lost=lost,
        kept=f"{kind}_{number}_{file_name}" if outcome == "missed" else None,
    )


def _score(kind: str, trials: Sequence[Trial], why: tuple[str, str] | None) -> dict[str, Any]:
    outcomes = Counter(trial.outcome for trial in trials)
    return {
        "kind": kind,
        "name_vi": KINDS[kind].name_vi,
        "name_en": KINDS[kind].name_en,
        "injected": len(trials),
        "detected": sum(outcomes[name] for name in DETECTED),
        "read_rightly": outcomes["read_rightly"],
        "missed": outcomes["missed"],
        "by_outcome": {name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        "caught_by": dict(Counter(name for trial in trials for name in trial.caught_by).most_common()),
        "sources": dict(Counter(trial.source_id for trial in trials).most_common()),
        "not_tried_vi": why[0] if why else None,
        "not_tried_en": why[1] if why else None,
    }


def _clean(lived: Sequence[Lived]) -> dict[str, Any]:
    judged = Counter(name for each in lived for name in each.outcome.judged)
    alarms = Counter(name for each in lived for name in _alarms(each))
    alarmed = [each for each in lived if _alarms(each)]
    of_source = Counter(each.source.source_id for each in lived)
    alarmed_of_source = Counter(each.source.source_id for each in alarmed)
    return {
        "loads": len(lived),
        "loads_alarmed": len(alarmed),
        "checks": judged.total(),
        "alarms": alarms.total(),
        "by_check": {name: {"judged": judged[name], "alarms": alarms[name]} for name in sorted({*judged, *alarms})},
        "by_source": {name: {"loads": of_source[name], "alarmed": alarmed_of_source[name]} for name in of_source},
        "alarmed": [
            {
                "source_id": each.source.source_id,
                "file_name": each.file.file_name,
                "verdict": each.outcome.verdict,
                "checks": _alarms(each),
            }
            for each in alarmed
        ],
    }


def _alarms(lived: Lived) -> list[str]:
    failed = sorted(lived.outcome.failed)
    return failed or ([str(lived.outcome.reason_code)] if lived.outcome.verdict == "failed" else [])


def forget_old(home: Home, keep: int) -> None:
    """Remove the files of missed faults of all but the newest drills; results stay."""
    folders = sorted(each for each in home.paths.drills.glob("*") if each.is_dir())
    for folder in folders[: max(0, len(folders) - keep)]:
        shutil.rmtree(folder)

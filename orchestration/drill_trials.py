"""One fault after another: drawn, put into a sound file, settled as a night would, and held against the sound file."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ingestion.drill.case import Case, NotPossible, SoundFile, sound_file
from ingestion.drill.kinds import KINDS
from ingestion.drill.pages import can_write, put_together
from ingestion.due import covers, due_periods
from ingestion.errors import FileFault
from ingestion.read import read_file
from orchestration.drill_history import Lived, Outcome, as_before, land, settle
from orchestration.home import Home
from orchestration.lateness import late_periods
from warehouse.canonical import VIET_NAM
from warehouse.load_records import ACCEPTED

log = logging.getLogger("sotinh.drill")

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


class Bases:
    """The files that faults can be put into; each is taken apart, and written again as a proof, when first drawn."""

    def __init__(self, drill: Home, lived: Sequence[Lived]) -> None:
        """Keep what was accepted."""
        self.drill = drill
        self.by_source: dict[str, list[Lived]] = {}
        for each in lived:
            if each.outcome.verdict in ACCEPTED:
                self.by_source.setdefault(each.source.source_id, []).append(each)
        self.found: dict[str, Base | NotPossible] = {}
        self.sound: dict[str, SoundFile] = {}

    def able(self) -> list[Lived]:
        """The newest files of each source that have enough before them and can be written again."""
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


def trials_of(
    kind: str, bases: Bases, drill: Home, seed: int, faults: int
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
    kind: str, number: int, bases: Bases, drill: Home, rng: Random, able: Sequence[Lived], whys: Counter[str]
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
    day_after = datetime.combine(owed[0].due_on + timedelta(days=1), datetime.min.time(), VIET_NAM)
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

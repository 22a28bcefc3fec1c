"""What the validation of one load is told (`LoadFacts`) and what it answers (`Report`). Plain values, no engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

Severity = Literal["critical", "warning"]
OnFail = Literal["reject_rows", "quarantine_load", "warn"]
Verdict = Literal["accepted", "accepted_with_warnings", "quarantined"]

CHECK_ERROR = "check_error"

# Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975; a fixed offset needs no time zone data on the machine.
HO_CHI_MINH = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class DossierWords:
    """The vocabularies of dossier logs, from the seeds `dossier_states`, `dossier_channels` and `service_levels`.

    Attributes:
        stages: State to stage: `submitted`, `received`, `processing`, `resolved`, `refused` or `withdrawn`.
        channels: Codes of the channels.
        online_channels: Those that count as online.
        service_levels: Codes of the levels.
        offline_service_levels: Those at which nothing can be filed online.
    """

    stages: Mapping[str, str]
    channels: Sequence[str]
    online_channels: Sequence[str]
    service_levels: Sequence[str]
    offline_service_levels: Sequence[str]

    def states_of(self, *stages: str) -> tuple[str, ...]:
        """The states of the stages, sorted."""
        return tuple(sorted(state for state, stage in self.stages.items() if stage in stages))


@dataclass(frozen=True)
class LoadFacts:
    """What a rule may know about a load beyond its rows. Suites name these values `$facts.<name>`.

    Attributes:
        source_id: Source of the load.
        load_id: Load under judgement.
        received_at: When the file was received; aware, UTC.
        expected_provinces: Ids of the provinces the source promises for every period of the load; empty when it
            promises none.
        exempt_provinces: `<province> <period>` of each period of the load of which a province need give nothing.
        previous_row_count: Rows of the previous accepted load of the source; None when there is none.
        previous_values_file: Parquet of what the previous load said about the figures (`row_no, previous_value,
            previous_period_id`); None when there is nothing to compare with.
        known_indicator_codes: Every code of the catalogue.
        frequency: Declared frequency of the source.
        rows_read: Shape rows the reader met, the ones it rejected included; None when not known.
        rows_rejected_as_expected: Those of them that the reader rejected for a reason the source declares as usual.
        series_file: Parquet of what the source told before about the series of the load, one row per figure with a
            past (columns: `warehouse/series_history.py`); None when nothing was compared.
        steady_file: Parquet of the series that each of the source's last three loads had, and whether they are absent
            now; None with fewer loads.
        others_file: Parquet of what other sources tell about the load's places and periods (columns:
            `warehouse/other_sources.py`); None where none tells anything.
        expected_operators: `<indicator> <breakdown>` of every operator that its source promises to report.
        totals_file: Parquet of the printed figures of regions and of the country whose provinces all stand among the
            rows (`parts`); None when there is none.
        boundary_misfits: Boundary sets as which the places were read although together they are another one.
        not_corrected: Entries of the register of known errors that were not applied, each with what the file prints.
        row_count_drop_tolerance: Share by which a load may be shorter than the previous one.
        row_count_jump_tolerance: Share by which a load may be longer than the previous one without a warning.
        dossier_words: The vocabularies of dossier logs; None for other shapes.
        waivers: Name of each check whose failure only warns today, with who waived it, until when and why.
    """

    source_id: str
    load_id: str
    received_at: datetime
    expected_provinces: tuple[str, ...] | list[str] = ()
    exempt_provinces: tuple[str, ...] | list[str] = ()
    previous_row_count: int | None = None
    known_indicator_codes: tuple[str, ...] | list[str] = ()
    frequency: str | None = None
    rows_read: int | None = None
    rows_rejected_as_expected: int = 0
    previous_values_file: Path | None = None
    series_file: Path | None = None
    steady_file: Path | None = None
    others_file: Path | None = None
    expected_operators: tuple[str, ...] | list[str] = ()
    totals_file: Path | None = None
    boundary_misfits: tuple[str, ...] | list[str] = ()
    not_corrected: tuple[str, ...] | list[str] = ()
    row_count_drop_tolerance: float = 0.2
    row_count_jump_tolerance: float = 0.5
    dossier_words: DossierWords | None = None
    waivers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None:
            raise ValueError("received_at must carry a time zone: 'today' of a rule is its date in Asia/Ho_Chi_Minh")

    @property
    def received_on(self) -> date:
        """The load's 'today': date of `received_at` in Asia/Ho_Chi_Minh."""
        return self.received_at.astimezone(HO_CHI_MINH).date()

    @property
    def rows_expected(self) -> int | None:
        """Rows a good file of the source would have got accepted; None when not known."""
        return None if self.rows_read is None else self.rows_read - self.rows_rejected_as_expected

    @property
    def least_row_share(self) -> float:
        """Share of the previous load's rows below which a load has shrunk too much."""
        return 1 - self.row_count_drop_tolerance

    @property
    def greatest_row_share(self) -> float:
        """Share of the previous load's rows above which a load has grown suspiciously."""
        return 1 + self.row_count_jump_tolerance

    @property
    def known_states(self) -> tuple[str, ...]:
        """Every state of a dossier that has a name."""
        return tuple(sorted(self._words.stages))

    @property
    def received_states(self) -> tuple[str, ...]:
        """States that a dossier reaches only after it was received."""
        return self._words.states_of("received", "processing", "resolved")

    @property
    def resolved_states(self) -> tuple[str, ...]:
        """States of a dossier whose processing has come to its result."""
        return self._words.states_of("resolved")

    @property
    def closing_states(self) -> tuple[str, ...]:
        """States in which a dossier is no longer worked on, with or without a result."""
        return self._words.states_of("resolved", "refused", "withdrawn")

    @property
    def known_channels(self) -> tuple[str, ...]:
        """Every channel a dossier can be filed through."""
        return tuple(self._words.channels)

    @property
    def online_channels(self) -> tuple[str, ...]:
        """Channels that count as filed online."""
        return tuple(self._words.online_channels)

    @property
    def known_service_levels(self) -> tuple[str, ...]:
        """Every level of an online service."""
        return tuple(self._words.service_levels)

    @property
    def offline_service_levels(self) -> tuple[str, ...]:
        """Levels of services that only inform, so that nothing can be filed online."""
        return tuple(self._words.offline_service_levels)

    @property
    def _words(self) -> DossierWords:
        if self.dossier_words is None:
            raise ValueError("the rules of dossier logs need dossier_words")
        return self.dossier_words


@dataclass(frozen=True)
class CheckResult:
    """One rule of the suite applied to one load.

    Attributes:
        check_name: Name of the rule.
        rule_vi: The rule in one Vietnamese sentence.
        rule_en: The rule in one English sentence.
        severity: `critical` or `warning`.
        on_fail: What a failure does: `reject_rows`, `quarantine_load` or `warn`.
        success: Whether the rule held; False when it could not run.
        errored: Whether the rule could not run; the data is then unjudged, not bad.
        observed: What was found, short, the same text for readers of both languages.
        unexpected_count: Rows (or missing things) that break the rule.
        element_count: Rows (or expected things) that were looked at.
        waiver: Under which a failure only warns: until when, who and why; None without.
    """

    check_name: str
    rule_vi: str
    rule_en: str
    severity: Severity
    on_fail: OnFail
    success: bool
    errored: bool
    observed: str
    unexpected_count: int
    element_count: int
    waiver: str | None = None


@dataclass(frozen=True)
class RejectedRow:
    """One row of the load that may not be accepted, with every reason in the order of the suite.

    Attributes:
        row_no: Ordinal of the row in the load.
        reason_code: The first reason's code.
        reasons: All reason codes.
        reason_vi: All reasons as Vietnamese sentences.
        reason_en: All reasons as English sentences.
        field: What of the row the first reason is about (`value`, `period`, …; the enum in `suite_schema.json`).
        raw_value: The text printed for it; None when it was empty.
    """

    row_no: int
    reason_code: str
    reasons: tuple[str, ...]
    reason_vi: str
    reason_en: str
    field: str
    raw_value: str | None


@dataclass(frozen=True)
class Report:
    """The judgement of one load.

    Attributes:
        results: One per rule, in the order of the suite.
        rejected: One per row that breaks a `reject_rows` rule, by `row_no`; filled also when the load is quarantined.
        verdict: `accepted`, `accepted_with_warnings` or `quarantined`.
        reason_vi: Why, in Vietnamese sentences.
        reason_en: Why, in English sentences.
        reason_code: Code of the first reason (`check_error` when a rule could not run); None when accepted.
        rejected_file: Of a large suite, in the place of `rejected`: Parquet with the same rows (`REJECTED_FILE`), which
            can be millions; None when no row is rejected.
    """

    results: list[CheckResult]
    rejected: list[RejectedRow]
    verdict: Verdict
    reason_vi: str
    reason_en: str
    reason_code: str | None = None
    rejected_file: Path | None = None

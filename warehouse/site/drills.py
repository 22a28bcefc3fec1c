"""Results of drills as the pages tell them: how many of the seeded faults were seen, and how often without any."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DRILLS_SHOWN = 52


def read_drills(folder: Path) -> list[dict[str, Any]]:
    """The newest results in `drills/`, the newest first, each with its shares; none where no drill was run.

    `read_rightly` counts as seen: such a fault harms no figure. A share is None where there was nothing to see.
    """
    told = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")]
    newest = sorted(told, key=lambda drill: (drill["drilled_at"], drill["run_id"]), reverse=True)
    return [_with_shares(drill) for drill in newest[:DRILLS_SHOWN]]


def _with_shares(drill: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [
        {**kind, "detection": _share(kind["injected"] - kind["missed"], kind["injected"])} for kind in drill["kinds"]
    ]
    injected, missed = (sum(kind[name] for kind in kinds) for name in ("injected", "missed"))
    return {
        **drill,
        "kinds": kinds,
        "injected": injected,
        "missed": missed,
        "detection": _share(injected - missed, injected),
        "false_alarms": _share(drill["clean"]["alarms"], drill["clean"]["checks"]),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

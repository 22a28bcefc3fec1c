"""Every error as one sentence for the person at the console, and the exit code it means."""

import logging

log = logging.getLogger("sotinh")

FAILED, LOCKED = 1, 5


def explain(error: Exception) -> tuple[str, int]:
    """Turn an error into one clear sentence and an exit code; what nobody foresaw goes to the log in full.

    Returns:
        The sentence, and 5 for a lock that another run holds, else 1.
    """
    from ingestion.errors import FileFault, ReferenceFault, SourceError
    from warehouse.errors import LockHeld, StoreError

    if isinstance(error, LockHeld):
        return str(error), LOCKED
    if isinstance(error, StoreError | SourceError | ReferenceFault | FileFault):
        log.error("%s", error)
        return str(error), FAILED
    log.critical("unforeseen: %s", error, exc_info=error)
    return f"unforeseen {type(error).__name__}: {error} (the newest file in <home>/logs has the details)", FAILED

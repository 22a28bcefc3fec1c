"""Every error as one sentence for the person at the console, in both languages, and the exit code it means."""

import logging

DONE, FAILED, BAD_USAGE, PARTLY_REFUSED, HELD, LOCKED = 0, 1, 2, 3, 4, 5

log = logging.getLogger("sotinh")


def explain(error: Exception) -> tuple[str, str, int]:
    """Turn an error into one clear sentence and an exit code; what nobody foresaw goes to the log in full.

    Returns:
        The Vietnamese sentence, the English one, and 5 for a lock that another run holds, else 1.
    """
    from ingestion.errors import FileFault, ReferenceFault, SourceError
    from warehouse.errors import LockHeld, StoreError

    if isinstance(error, StoreError):
        log.error("%s", error.en)
        return error.vi, error.en, LOCKED if isinstance(error, LockHeld) else FAILED
    if isinstance(error, SourceError | ReferenceFault | FileFault):
        log.error("%s", error)
        return str(error), str(error), FAILED
    log.critical("unforeseen: %s", error, exc_info=error)
    cause = f"{type(error).__name__}: {error}"
    return f"Lỗi ngoài dự kiến {cause}", f"Unforeseen {cause}", FAILED

"""YAML as people write it: a key that occurs twice is an error, and where asked every scalar stays the text it is."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, ClassVar

import yaml

from ingestion.errors import SourceError


def read_yaml(path: Path, loader: type[yaml.SafeLoader]) -> Any:
    """The content of a YAML file. Raises SourceError naming the file where it is none."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: no valid YAML: {error}") from error


class NoDuplicateKeys(yaml.SafeLoader):
    """YAML lets the last of two equal keys win in silence; here it is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping, or ConstructorError naming the key that occurs twice."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        repeated = {key for key in keys if keys.count(key) > 1}
        if repeated:
            said = f"key occurs twice: {', '.join(sorted(repeated))}"
            raise yaml.constructor.ConstructorError(None, None, said, node.start_mark)
        return super().construct_mapping(node, deep)


class AsWritten(NoDuplicateKeys):
    """Numbers, dates and words are not read as such: `0.10` stays `0.10`."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

"""The codes of what can go wrong when somebody asks what a change would do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

UNKNOWN_THING = "CHG001"
SEVERAL_THINGS = "CHG002"
NO_REVISION = "CHG003"
NO_REPOSITORY = "CHG004"
OLD_PROJECT = "CHG005"
NO_GIT = "CHG006"
NOTHING_TO_COMPARE = "DIF001"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=UNKNOWN_THING,
                title="nothing in the project has this name",
                why="Impact starts at a dataset, a column or field (`dataset.name`), a metric or a term.",
                wrong="loadline impact orders.amont",
                right="loadline impact orders.amount",
            ),
            Code(
                code=SEVERAL_THINGS,
                title="several things have this name",
                why="A dataset, a metric and a field may share a name, and what they reach differs.",
                wrong="loadline impact orders",
                right="loadline impact metric:orders",
            ),
            Code(
                code=NO_REVISION,
                title="there is no such folder or revision",
                why="The project is compared with another folder, or with itself as a revision of git knows it.",
                wrong="loadline diff mian",
                right="loadline diff main",
            ),
            Code(
                code=NO_REPOSITORY,
                title="the project is not under version control",
                why="A revision is looked up in the git repository that holds the project's folder; there is none.",
                wrong="loadline diff HEAD   # in a folder that no repository holds",
                right="loadline diff ../shop-before   # any folder with the project as it was",
            ),
            Code(
                code=OLD_PROJECT,
                title="the project it is compared with cannot be read",
                why="Definitions are compared as they are read; a project that does not fit together has none.",
                wrong="loadline diff HEAD~3   # where loadline.yaml did not exist, or did not pass `check`",
                right="loadline diff HEAD~2   # a revision that passes `loadline check`",
            ),
            Code(
                code=NO_GIT,
                title="git did not do its part",
                why="Revisions are read by the git program of this machine; it is absent, or refused.",
                wrong="loadline diff main   # without git installed",
                right="loadline diff ../shop-before   # a folder needs no git",
            ),
            Code(
                code=NOTHING_TO_COMPARE,
                title="nothing is named to compare the contracts with",
                why="Contracts are compared with those of a revision or folder, or with the columns there are.",
                wrong="loadline data diff",
                right="loadline data diff main --live",
            ),
        )
    }
)

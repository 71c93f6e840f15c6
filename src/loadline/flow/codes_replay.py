"""The codes of what can go wrong between an answer and its regression case."""

from __future__ import annotations

from loadline.values.diagnostic import Code

NO_SUCH_CELL = "RPL001"
CANNOT_PROMOTE = "RPL002"
PROMOTED_ALREADY = "RPL003"
NO_SUCH_CASE = "RPL004"

REPLAY = {
    one.code: one
    for one in (
        Code(
            code=NO_SUCH_CELL,
            title="there is no such cell of traffic",
            why="What is promoted was really asked: a cell by its id or the beginning of it, or a receipt.",
            wrong="loadline traffic promote cell-0",
            right="loadline traffic promote cell-3f2a91c04d   # as `loadline traffic` printed it",
        ),
        Code(
            code=CANNOT_PROMOTE,
            title="the answer cannot be made a regression case",
            why="A case is asked again as it was asked, so what it was has to be in its receipt: words that still "
            "mean the same, or a query with metrics and whole days.",
            wrong="loadline traffic promote rcpt-1f0c2a   # the receipt of a text that was verified",
            right="loadline traffic promote cell-3f2a91c04d",
        ),
        Code(
            code=PROMOTED_ALREADY,
            title="the case is there already",
            why="A question is a case once for its roles and audience, with one answer that it is to have.",
            wrong="loadline traffic promote cell-3f2a91c04d   # the second time",
            right="loadline traffic promote cell-3f2a91c04d   # after deleting the old case from questions/",
        ),
        Code(
            code=NO_SUCH_CASE,
            title="no verified question or regression case has this name",
            why="What is replayed is named by its `id` in questions/.",
            wrong="loadline replay revenue",
            right="loadline replay revenue-q3-as-finance-counts",
        ),
    )
}

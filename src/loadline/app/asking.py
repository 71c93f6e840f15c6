"""A question or a text in, an answer or verdicts with a receipt out."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING

from loadline.errors import OutsideError, RequestError
from loadline.flow import codes
from loadline.values.diagnostic import Diagnostic
from loadline.values.receipt import Answer
from loadline.values.request import Written
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.values.claim import Verification
    from loadline.values.query import Query
    from loadline.values.request import Words


from loadline.app.acting import Acting
from loadline.app.opened import as_unicode, unicode_in
from loadline.app.places import read_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Where a chosen meaning was kept, and who is to approve it."""

    id: str
    path: str
    owner: str


def _says_when(words: str, period: str) -> bool:
    """Whether a period stays what the words say: it is in them, or counted from the asking, as `last quarter`."""
    from loadline.semantics.words import normal

    return normal(period) in normal(words) or not any(letter.isdigit() for letter in period)


class Asking(Acting):
    """An App that is asked."""

    def ask(self, words: str, *, principal: Principal, today: date | None = None, choice: int | None = None) -> Answer:
        """Ask in words; `choice` is the number of the reading to take, where there are several.

        Raises OutsideError when the warehouse or the ledger fails.
        """
        from loadline.values.request import Words

        return self._asked(Words(text=as_unicode(words), choice=choice), principal, today)

    def remember(self, words: str, answer: Answer, *, audience: str | None) -> Remembered:
        """Keep what a question was chosen to mean as a draft verified question, for the metric's owner to approve.

        Raises RequestError when the wording has a meaning already, OutsideError when the file cannot be written.
        """
        from loadline.adapters.remembered import REMEMBERED, write_remembered
        from loadline.flow import codes_words
        from loadline.semantics.words import Known, find_question

        query = answer.receipt.query
        known = find_question(words, read_project(self.project.root).questions, audience)
        if query is None or isinstance(known, Known):
            raise RequestError(
                Diagnostic(
                    code=codes_words.CANNOT_REMEMBER,
                    what=f"`{words}` has a meaning already" if query else f"`{words}` was not given a meaning",
                    why=codes.CODES[codes_words.CANNOT_REMEMBER].why,
                    mend="change it in its file of questions/" if query else "choose one of its options",
                )
            )
        if query.during is not None and not _says_when(words, query.during.text):
            raise RequestError(
                Diagnostic(
                    code=codes_words.CANNOT_REMEMBER,
                    what=f"`{words}` does not name the days `{query.during.text}`, and means others on another day",
                    why=codes.CODES[codes_words.CANNOT_REMEMBER].why,
                    mend="remember it of a period that is over, or ask with the days in its words",
                )
            )
        owner = next((m.owner for m in answer.receipt.metrics if m.is_asked and m.owner), None)
        try:
            name = write_remembered(self.project.root, as_unicode(words), query, audience=audience, owner=owner)
        except OSError as error:
            raise OutsideError(
                Diagnostic(
                    code=codes.CANNOT_WRITE,
                    what=f"`{error.filename or REMEMBERED}` could not be written: {error.strerror or error}",
                    why="a project is a folder of files",
                    mend="make questions/ writable, or write the question by hand",
                )
            ) from error
        return Remembered(id=name, path=REMEMBERED.as_posix(), owner=owner or "somebody who answers for it")

    def ask_query(self, query: Query, *, principal: Principal, today: date | None = None) -> Answer:
        """Ask a finite query. Raises OutsideError when the warehouse or the ledger fails."""
        return self._asked(query, principal, today)

    def ask_written(self, written: Written, *, principal: Principal, today: date | None = None) -> Answer:
        """Ask with the parts of a query as somebody wrote them; a part that cannot be read is a refusal with a receipt.

        Raises OutsideError when the warehouse or the ledger fails.
        """
        # every text field, whichever there are: a part forgotten here would be a question answered without it
        asked = replace(written, **{of.name: unicode_in(getattr(written, of.name)) for of in fields(written)})
        return self._asked(asked, principal, today)

    def _asked(self, asked: Words | Written | Query, principal: Principal, today: date | None) -> Answer:
        """Whoever may release an answer that waits is told, while its refusal goes its way."""
        from loadline.flow.run import run
        from loadline.values.request import Ask

        answer = run(self.world, Ask(principal=principal, asked=asked, today=today or self.today()))
        if answer.receipt.approval is not None and answer.rows is None:
            self._notify_soon(self.act_world)
        return answer

    def verify(self, text: str, *, principal: Principal, today: date | None = None, name: str = "text") -> Verification:
        """Check the claims of any text against governed numbers. Raises OutsideError when the outside fails."""
        from loadline.flow.verify import verify
        from loadline.values.request import Verify

        return verify(
            self.world,
            Verify(principal=principal, text=as_unicode(text), today=today or self.today(), name=as_unicode(name)),
        )

"""What will be published, while it is being written: the page itself, made of what stands in the form."""

from typing import Any

from csp.constants import SELF
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from .. import derived, problems
from ..lengths import length_of
from ..models import Paper, Section, Tag
from ..rendering import Problem, Rendered, RenderingFailed
from ..revisions import Data
from ..views import content
from .problems import SHOWN
from .rights import opened

# In the order in which they are to run: the first puts the desk into the form.
MODULES = [
    Script(f"papers/js/desk_{name}.js", type="module")
    for name in ("editor", "completion", "keys", "lists", "problems", "scroll", "preview", "save")
]

# Without them there is no page of a public paper.
REQUIRED = ("section", "slug", "title", "published_on")


def with_frames(response: Any) -> Any:
    """The page of the form may show pages of this site in frames."""
    response._csp_update = {"frame-src": [SELF]}
    return response


@require_POST
@xframe_options_sameorigin
def preview(request: HttpRequest, model_admin: Any, pk: int | None = None) -> HttpResponse:
    """A page for a frame; as JSON, the same page with what is wrong in the note. Writes nothing, and is kept by nobody."""
    thing, tags = _typed(request, model_admin, pk)
    rendered, failure = _rendered(thing, thing.form_errors)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response: Any = JsonResponse(_answer(request, thing, tags, rendered, failure))
    else:
        response = _page(request, thing, tags)
    response["X-Robots-Tag"] = "noindex"
    response._csp_replace = {"frame-ancestors": [SELF]}
    return response


# --- What stands in the form ------------------------------------------------------------------------------


def _typed(request: HttpRequest, model_admin: Any, pk: int | None) -> tuple[Any, list[Tag] | None]:
    """The thing as it would be saved now, and its tags; of what is not valid, what was there before."""
    thing = opened(request, model_admin, pk)
    before: Data = {name: getattr(thing, name, None) for name in ("status", *REQUIRED)}
    form = model_admin.get_form(request, thing, change=pk is not None)(request.POST, instance=thing)
    form.is_valid()
    thing.form_errors = form.errors.get(model_admin.source_field, [])
    thing.pk = thing.pk or 0  # nobody's: to ask for what belongs to it finds nothing
    if not isinstance(thing, Paper):
        return thing, None
    thing.status = before["status"]  # which the form takes for that of a draft
    for name in REQUIRED if thing.is_published else ():
        setattr(thing, name, getattr(thing, name) or before[name])
    return thing, _with_addresses(form.cleaned_data.get("tags"))


def _with_addresses(tags: list[Tag] | None) -> list[Tag] | None:
    for tag in tags or []:
        tag.slug = tag.slug or tag.slugify(tag.name)  # one that the next save will make
    return tags


# --- What becomes of it -----------------------------------------------------------------------------------


def _rendered(thing: Any, errors: list[str]) -> tuple[Rendered | None, str]:
    """By the same function as a save; if that is not possible, why, and the thing keeps the HTML it has."""
    if errors:
        return None, " ".join(errors)
    try:
        rendered = derived.rendered(*derived.source_of(thing))
    except RenderingFailed as error:
        return None, str(error)
    derived.render(thing, renderer=lambda _source, _format: rendered)
    return rendered, ""


def _page(request: HttpRequest, thing: Any, tags: list[Tag] | None) -> HttpResponse:
    if isinstance(thing, Section):
        return content.section_page(request, thing)
    return content.paper_page(request, thing, tags)


def _answer(
    request: HttpRequest, thing: Any, tags: list[Tag] | None, rendered: Rendered | None, failure: str
) -> Data:
    """Without the page, if nobody looks at it: `?page=no`."""
    if rendered is None:
        return {"failure": failure}
    source, _format = derived.source_of(thing)
    found = problems.of_note(source, rendered, request.user)
    wants_page = request.GET.get("page") != "no"
    return {
        "failure": "",
        "page": _page(request, thing, tags).content.decode() if wants_page else None,
        "length": render_to_string("admin/papers/_length.html", {"length": length_of(rendered.plain_text)}),
        "count": len(found),
        "problems": [_as_json(problem) for problem in found[:SHOWN]],
        "places": [[citation.line, citation.anchor] for citation in rendered.citations],
    }


def _as_json(problem: Problem) -> Data:
    fix = problem.fix
    return {
        "line": problem.line,
        "snippet": problem.snippet,
        "sentence": problem.sentence,
        "fix": {"old": fix.old, "new": fix.new} if fix else None,
    }

"""Papers: a record, a note and what makes them public."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from .. import names, paths
from ..citations import Reference
from ..fields import (
    ByteOrderedField,
    HttpURLField,
    NoteField,
    is_arxiv_id,
    is_doi,
    is_month_or_day,
    plausible_time,
    uid_field,
)
from ..prepared import Prepared, number, once, prepared
from ..querysets import PaperQuerySet, TaggedPaperQuerySet, visible_state
from ..saving import SavedWhole
from .places import page, place
from .rules import refuse_taken
from .sections import Section
from .tags import Tag


class Paper(SavedWhole):
    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("发布")

    class NotesFormat(models.TextChoices):
        MARKDOWN = "markdown", "Markdown"
        HTML = "html", "HTML"

    class BibtexType(models.TextChoices):
        MISC = "misc", _("预印本或其他")
        INPROCEEDINGS = "inproceedings", _("会议论文")
        ARTICLE = "article", _("期刊论文")
        TECHREPORT = "techreport", _("技术报告")
        PHDTHESIS = "phdthesis", _("博士论文")
        BOOK = "book", _("书")

    class Origin(models.TextChoices):
        WRITTEN = "written", _("人工撰写")
        GENERATED = "generated", _("机器生成")

    class Review(models.TextChoices):
        UNREVIEWED = "unreviewed", _("未核对")
        REVIEWED = "reviewed", _("已核对")

    uid = uid_field()
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("栏目")
    )
    slug = ByteOrderedField(
        _("网址片段"),
        max_length=paths.SEGMENT_MAX_LENGTH,
        blank=True,
        validators=[paths.validate_segment],
        help_text=_("文件名，不含 .html；保留大小写，例如 2025-07-Some-Title。"),
    )
    title = models.CharField(_("标题"), max_length=500, blank=True, help_text=_("网站上显示的标题。"))
    title_official = models.CharField(
        _("正式标题"), max_length=500, blank=True, help_text=_("论文首页上的标题，用于引用。")
    )
    title_published = models.CharField(
        _("发表时的标题"), max_length=500, blank=True, help_text=_("会议或期刊版本换了标题时填写。")
    )
    published_on = models.DateField(
        _("年月"), null=True, blank=True, help_text=_("笔记列在哪个月。只知道月份时填该月 1 日。")
    )
    day_known = models.BooleanField(_("日期精确到日"), default=False)
    first_posted = models.CharField(
        _("首次公开"),
        max_length=10,
        blank=True,
        validators=[is_month_or_day],
        help_text=_("论文首次公开的年月，例如 2025-07。"),
    )
    summary = models.TextField(_("中文摘要"), max_length=2000, blank=True, help_text=_("列表里的一句话。"))
    notes = NoteField(_("笔记"), blank=True)
    notes_format = models.CharField(
        _("笔记格式"), max_length=10, choices=NotesFormat.choices, default=NotesFormat.MARKDOWN
    )
    authors = models.TextField(
        _("作者"), blank=True, help_text=_("一行一位。机构名用花括号括起，例如 {Google DeepMind}。")
    )
    venue = models.CharField(_("会议或期刊"), max_length=100, blank=True, help_text=_("例如 SOSP 2023。"))
    venue_full = models.CharField(_("会议或期刊全称"), max_length=300, blank=True)
    venue_slug = models.CharField(max_length=100, editable=False, serialize=False, default="")
    pages = models.CharField(_("页码"), max_length=50, blank=True)
    year = models.PositiveSmallIntegerField(
        _("发表年份"), null=True, blank=True, validators=[MinValueValidator(1900), MaxValueValidator(2200)]
    )
    bibtex_type = models.CharField(
        _("文献类型"), max_length=20, choices=BibtexType.choices, default=BibtexType.MISC
    )
    arxiv_id = models.CharField(_("arXiv 编号"), max_length=40, blank=True, validators=[is_arxiv_id])
    doi = models.CharField("DOI", max_length=200, blank=True, validators=[is_doi])
    paper_url = HttpURLField(_("论文链接"), max_length=500, blank=True)
    code_url = HttpURLField(_("代码链接"), max_length=500, blank=True)
    aliases = models.TextField(_("别名"), blank=True, help_text=_("一行一个，例如 vLLM；用于引用和查找。"))
    origin = models.CharField(_("笔记来源"), max_length=10, choices=Origin.choices, default=Origin.WRITTEN)
    generated_by = models.CharField(_("由何生成"), max_length=100, blank=True)
    review_state = models.CharField(
        _("核对"), max_length=10, choices=Review.choices, default=Review.UNREVIEWED
    )
    reviewed_by = models.CharField(_("核对人"), max_length=150, blank=True)
    reviewed_on = models.DateField(_("核对日期"), null=True, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    publish_at = models.DateTimeField(
        _("定时发布"),
        null=True,
        blank=True,
        validators=plausible_time,
        help_text=_("状态为“发布”时，到这一刻自动公开；留空为立即。"),
    )
    tags = TaggableManager(
        through="TaggedPaper",
        blank=True,
        verbose_name=_("标签"),
        help_text=_("用逗号或顿号分隔；没有的会新建。"),
    )

    path = ByteOrderedField(
        _("网址"), max_length=paths.PATH_MAX_LENGTH, null=True, editable=False, serialize=False
    )
    path_folded = ByteOrderedField(
        max_length=paths.FOLDED_PATH_MAX_LENGTH, unique=True, null=True, editable=False, serialize=False
    )
    first_public_at = models.DateTimeField(null=True, editable=False, serialize=False)
    # Numbers of the revision that the row holds and of the newest: unequal while changes wait to be published.
    revision = models.PositiveIntegerField(null=True, editable=False, serialize=False)
    head_revision = models.PositiveIntegerField(null=True, editable=False, serialize=False)
    changed_at = models.DateTimeField(null=True, editable=False, serialize=False)
    notes_html = models.TextField(editable=False, serialize=False, default="")
    contents = models.JSONField(editable=False, serialize=False, default=list)
    plain_text = models.TextField(editable=False, serialize=False, default="")
    # The citations and wikilinks that rendering found: rows of Citation are made of these.
    cited = models.JSONField(editable=False, serialize=False, default=list)
    rendered_by = models.CharField(max_length=200, editable=False, serialize=False, default="")

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("one", "论文")
        verbose_name_plural = pgettext_lazy("many", "论文")
        ordering = ["-published_on", "-slug", "uid"]
        permissions = [
            ("publish_paper", _("可以发布论文")),
            ("write_own_paper", _("可以撰写自己的草稿")),
        ]
        indexes = [
            # With all that lists for readers are narrowed and counted by, so that an index alone answers;
            # PostgreSQL has to be given the primary key, too.
            models.Index(
                fields=[
                    *("status", "-published_on", "-slug", "uid"),
                    *(
                        "publish_at",
                        "section",
                        "venue_slug",
                        "venue",
                        "first_public_at",
                        "review_state",
                        "id",
                    ),
                ],
                name="paper_public_order",
            ),
            models.Index(
                fields=["status", "-first_public_at", "-published_on", "-slug", "uid", "publish_at", "id"],
                name="paper_newest_note",
            ),
            models.Index(
                "status",
                Lower("title"),
                F("published_on").desc(),
                F("slug").desc(),
                "uid",
                "publish_at",
                "id",
                name="paper_public_title",
            ),
            models.Index(
                fields=["venue_slug", "status", "-published_on", "-slug", "uid", "publish_at", "id"],
                name="paper_venue_order",
            ),
            models.Index(fields=["section", "-published_on", "-slug", "uid"], name="paper_section_order"),
            models.Index(
                fields=["-published_on", "-slug", "uid"],
                condition=Q(head_revision__gt=F("revision")),
                name="paper_with_changes",
            ),
            # What the admin's list of all papers is ordered and narrowed by.
            models.Index(fields=["-published_on", "-slug", "uid"], name="paper_order"),
            models.Index(fields=["title"], name="paper_title"),
            models.Index(fields=["venue"], name="paper_venue"),
            models.Index(
                fields=["status", "publish_at"],
                condition=Q(publish_at__isnull=False),
                name="paper_scheduled",
            ),
            models.Index(
                fields=["-published_on", "-slug", "uid"],
                condition=Q(review_state="unreviewed"),
                name="paper_unchecked",
            ),
            models.Index(
                fields=["-published_on", "-slug", "uid"], condition=Q(notes=""), name="paper_without_text"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="paper_complete_unless_draft",
                condition=Q(status="draft")
                | (
                    Q(status="published", section__isnull=False, published_on__isnull=False)
                    & Q(path__isnull=False, path_folded__isnull=False)
                    & ~Q(slug="")
                    & ~Q(title="")
                ),
            ),
            models.CheckConstraint(
                name="paper_notes_format_known", condition=Q(notes_format__in=["markdown", "html"])
            ),
            models.CheckConstraint(
                name="paper_year_plausible", condition=Q(year=None) | Q(year__gte=1900, year__lte=2200)
            ),
        ]

    #: Its tags, where they were read together with those of other papers.
    tag_rows: "list[TaggedPaper]"

    #: In how many notes, where a ranking has counted them. Without a default a template looks through all attributes.
    cited_here: int | None = None

    @classmethod
    def with_columns(cls, names: Sequence[str], values: Sequence[Any]) -> Self:
        """From a query's tuple; other columns are read when they are asked for. The constructor takes ten times as long."""
        known = dict(zip(names, values, strict=True))
        own = [known[field.attname] for field in cls._meta.concrete_fields if field.attname in known]
        return cls.from_db(None, known, own)

    def __str__(self) -> str:
        return self.title or self.uid

    def get_absolute_url(self) -> str:
        return page(self.path) if self.path else self.get_permanent_url()

    def natural_key(self) -> tuple[str]:
        return (self.uid,)

    @property
    def true_path(self) -> str | None:
        """The path that follows from section and slug; `path` is the stored one."""
        return paths.paper_path(self.section.path, self.slug) if self.section and self.slug else None

    @property
    def state(self) -> str:
        return visible_state(self)

    @property
    def is_published(self) -> bool:
        """The twin of `PaperQuerySet.published`."""
        return self.state == "published"

    @property
    def was_public(self) -> bool:
        """It may be a draft again."""
        return self.first_public_at is not None and self.first_public_at <= timezone.now()

    @property
    def has_changes(self) -> bool:
        """Whether an editor has saved what readers do not see yet; the twin of `PaperQuerySet.with_changes`."""
        return (self.head_revision or 0) > (self.revision or 0)

    @property
    def updated_at(self) -> datetime | None:
        """When readers last saw it change: a scheduled paper was changed before they could see it."""
        return max(filter(None, (self.first_public_at, self.changed_at)), default=None)

    @property
    def date_label(self) -> str:
        """`2025-07`, or the day where it is known."""
        return self.published_on.isoformat()[: 10 if self.day_known else 7] if self.published_on else ""

    @property
    def month_url(self) -> str:
        return (
            place("papers:month", *self.published_on.isoformat().split("-")[:2]) if self.published_on else ""
        )

    @property
    def author_names(self) -> list[str]:
        """As readers see them: an organisation without the braces that mark it."""
        return [names.read(typed).natural for typed in self._typed_authors]

    @property
    def _typed_authors(self) -> list[str]:
        return [name.strip() for name in self.authors.splitlines() if name.strip()]

    @property
    def alias_names(self) -> list[str]:
        return [name.strip() for name in self.aliases.splitlines() if name.strip()]

    @property
    def tag_list(self) -> list[Tag]:
        """Tags by name; no query where they were read with the list."""
        rows = self.tag_rows if "tag_rows" in vars(self) else self.tagged.all()
        return sorted((row.tag for row in rows), key=lambda tag: tag.name)

    def tags_by_name(self) -> list[Tag]:
        """As `tag_list`, with a query of its own."""
        return sorted(_tags_of().objects(paper=self.pk), key=lambda tag: tag.name)

    def get_permanent_url(self) -> str:
        return place("papers:permanent", self.uid)

    def twin_url(self, suffix: str) -> str:
        return self.get_absolute_url().removesuffix(".html") + suffix

    def reference(self) -> Reference:
        """The paper as its authors published it, not as this site calls it."""
        return Reference(
            uid=self.uid,
            bibtex_type=self.bibtex_type,
            title=self.title_published or self.title_official or self.title,
            authors=tuple(self._typed_authors),
            venue=self.venue,
            venue_full=self.venue_full,
            pages=self.pages,
            year=self.year or (int(self.first_posted[:4]) if self.first_posted else None),
            arxiv_id=self.arxiv_id,
            doi=self.doi,
            url=self.paper_url,
        )

    def clean(self) -> None:
        """Errors name their field. A draft may be incomplete; what is public may not."""
        if self.status == self.Status.PUBLISHED:
            missing = [
                name for name in ("section", "slug", "title", "published_on") if not getattr(self, name)
            ]
            if missing:
                message = _("发布前请填写。")
                raise ValidationError({name: ValidationError(message, code="required") for name in missing})
        if self.slug:
            self._clean_address()

    def _clean_address(self) -> None:
        try:
            paths.validate_paper_slug(self.slug)
            if self.true_path:
                paths.validate_path_length(self.true_path)
                refuse_taken(self)
        except ValidationError as error:
            raise error if hasattr(error, "error_dict") else ValidationError({"slug": error}) from None


class TaggedPaper(SavedWhole, ItemBase):
    content_object = models.ForeignKey(Paper, models.CASCADE, related_name="tagged", verbose_name=_("论文"))
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="tagged", verbose_name=_("标签"))

    objects = TaggedPaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("论文的标签")
        verbose_name_plural = _("论文的标签")
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="paper_tagged_once")]
        indexes = [models.Index(fields=["tag", "content_object"], name="papers_of_tag")]

    def __str__(self) -> str:
        return f"{self.content_object_id} {self.tag_id}"

    def natural_key(self) -> tuple[str, str]:
        return (self.content_object.uid, self.tag.uid)


@once
def _tags_of() -> Prepared:
    return prepared(Tag.objects.filter(tagged__content_object=number("paper")).order_by())

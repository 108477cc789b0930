"""What queries find, and in which order: the same on every database. Run under SQLite and under PostgreSQL."""

from datetime import date
from random import Random
from typing import Any

import pytest
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papers import counting, search
from papers.columns import columns_and_tags
from papers.facets import Choice
from papers.models import Paper, SearchRow, Section
from papers.search import results
from papers.search.tokens import sequence

from .conftest import make_paper, make_section

# Newest first, which is the order within a tier. Each is called by its month.
PAPERS: dict[str, dict[str, Any]] = {
    "12": {
        "title": "PagedAttention：显存的分页管理",
        "title_official": "Efficient Memory Management for Large Language Model Serving with PagedAttention",
        "aliases": "vLLM",
        "authors": "Woosuk Kwon\nZhuohan Li",
        "venue": "SOSP 2023",
        "venue_full": "ACM Symposium on Operating Systems Principles",
        "arxiv_id": "2309.06180",
        "doi": "10.1145/3600006.3613165",
        "tags": ("KV 缓存", "推理"),
        "summary": "把键值缓存分成页，减少碎片。",
        "notes": "## 背景\n\n大模型的推理加速靠显存。\n\n## 方法\n\n写时复制（copy-on-write），用 C++ 与 CUDA 实现。",
    },
    "11": {
        "title": "量化：GPT-4 级模型的低比特权重",
        "authors": "Jürgen Müller\nTomás Novák",
        "venue": "NeurIPS 2022",
        "tags": ("量化",),
        "summary": "Quantization of weights to 4 bits without retraining.",
        "notes": "推理。加速不是目标；目标是省显存。We quantize outliers separately.",
    },
    "10": {
        "title": "MoE推理的专家调度",
        "title_official": "Scheduling Experts for Mixture-of-Experts Inference",
        "authors": "李明\n王小红",
        "venue": "SOSP 2024",
        "tags": ("MoE", "推理"),
        "summary": "让专家驻留在ＣＰＵ内存，按需换入。",
        "notes": "预取专家，隐藏 PCIe 传输。代码是 kv_cache 与 e2e 测试，🚀 很快。",
    },
    "09": {
        "title": "Attention Is All You Need",
        "authors": "Ashish Vaswani",
        "venue": "NeurIPS 2017",
        "arxiv_id": "1706.03762",
        "tags": ("Transformer",),
        "summary": "只用注意力的序列模型。",
        "notes": "注意力机制 attention mechanism 取代循环。Transformers are trained, and training is fast.",
    },
    "08": {
        "title": "投机解码综述",
        "authors": "Sam Leviathan",
        "summary": "用小模型起草，由大模型核对。Speculative decoding, a survey.",
        "notes": "推理加速的一种办法。It's lossless: a sample is drawn from the same distribution. 推 一 把。",
        "tags": ("推理",),
    },
    "07": {
        "title": "RLHF 的系统问题",
        "authors": "SAM Altman-Smith",
        "venue": "",
        "summary": "强化学习与推理服务共用 GPU。",
        "notes": "理加速推 训练和推理；推-理。C# 客户端，C 语言内核，$100%$ 利用率，mechanism of attention。",
        "tags": ("强化学习", "C++"),
    },
}

IN = {"12": "serving", "11": "root", "10": "serving", "09": "root", "08": "decoding", "07": "training"}


@pytest.fixture
def library(root: Section) -> None:
    serving = make_section("serving", root, title="推理服务")
    places = {
        "root": make_section("basics", root, title="基础"),
        "serving": serving,
        "decoding": make_section("decoding", serving, title="解码"),
        "training": make_section("RL", root, title="强化学习"),
    }
    for number, (month, fields) in enumerate(PAPERS.items()):
        year = 2025 if int(month) > 8 else 2024
        make_paper(places[IN[month]], f"p{number}", **fields, published_on=date(year, int(month), 1))
    make_paper(serving, "draft", title="推理加速 attention vLLM", status="draft")


# Months of the papers found, in the order of the results.
QUERIES: dict[str, str] = {
    # One Chinese character, two, more
    "推": "10 12 08 07 11",
    "页": "12",
    "把": "12 08",
    "推理": "10 12 08 07 11",
    "显存": "12 11",
    "缓存": "12",
    "存分": "12",
    "理加": "12 08 07",
    "推理加速": "12 08",
    "加速推": "07",
    "注意力机制": "09",
    "大模型": "08 12",
    "投机解码": "08",
    "强化学习": "07",
    "李明": "10",
    "不存在的词": "",
    "龘": "",
    # Punctuation parts words
    "推理。加速": "12 11 08 07",
    "推理，加速": "12 11 08 07",
    "“推理加速”": "12 08",
    "什么？": "",
    "加速不": "11",
    "推-理": "07",
    "$": "",
    # Several words, wherever they stand
    "推理 显存": "12 11",
    "显存 推理": "12 11",
    "缓存 Kwon": "12",
    "Kwon 推理加速 C++": "12",
    "推理　ＧＰＵ": "07",
    "推理 nothing": "",
    # Chinese and English without a space between them
    "MoE推理": "10",
    "推理MoE": "10",
    "moe专家": "10",
    "GPT-4级": "11",
    # English: case, width, accents, stems, beginnings
    "attention": "12 09 07",
    "ATTENTION": "12 09 07",
    "ａｔｔｅｎｔｉｏｎ": "12 09 07",
    "quantized": "11",
    "quantization": "11",
    "quantizes": "11",
    "scheduler": "10",
    "transformer": "09",
    "transformers": "09",
    "trained": "09",
    "serving": "12",
    "serves": "12",
    # Names that are words put together
    "memory": "12",
    "Leviath": "08",
    "paged": "12",
    "muller": "11",
    "MÜLLER": "11",
    "Tomas": "11",
    "novák": "11",
    # Short words are whole words
    "SAM": "08 07",
    "sample": "08",
    "c": "07",
    "li": "12",
    # Signs inside words
    "vLLM": "12",
    "vllm": "12",
    "C++": "07 12",
    "c#": "07",
    "GPT-4": "11",
    "gpt 4": "11",
    "gpt-3": "",
    "2309.06180": "12",
    "2309.06": "12",
    "06180": "12",
    "10.1145/3600006.3613165": "12",
    "kv_cache": "10",
    "kv-cache": "10",
    "copy-on-write": "12",
    "mixture-of-experts": "10",
    "it's": "08",
    "100%": "07",
    "e2e": "10",
    "🚀": "10",
    # Phrases
    '"attention mechanism"': "09",
    "“Attention Mechanism”": "09",
    "「注意力机制」": "09",
    "『attention mechanism』": "09",
    '"mechanism attention"': "",
    '"quantized"': "",
    '"quantization"': "11",
    '"trained training"': "",
    '"trained, and training"': "09",
    '"Woosuk Kwon"': "12",
    '"Kwon Zhuohan"': "",
    '"is all you need"': "09",
    '"MoE推理"': "10",
    '"推 一 把"': "08",
    '"attent': "",
    # Names and places of the record
    "SOSP": "12 10",
    "sosp 2023": "12",
    "Operating Systems Principles": "12",
    "Vaswani": "09",
    "强化学习 C++": "07",
    # Filters
    "tag:推理": "12 10 08",
    "tag：推理": "12 10 08",
    "TAG:moe": "10",
    'tag:"KV 缓存"': "12",
    "tag:KV-缓存": "12",
    "tag:推理 tag:MoE": "10",
    "tag:推": "",
    "section:serving": "12 10 08",
    "section:/serving/": "12 10 08",
    "section:serving/decoding": "08",
    "section:decoding": "08",
    "section:推理服务": "12 10 08",
    "section:rl": "07",
    "section:decoding section:RL": "08 07",
    "section:/": "12 11 10 09 08 07",
    "section:nowhere": "",
    "venue:sosp": "12 10",
    'venue:"SOSP 2023"': "12",
    "venue:SOSP-2024": "10",
    "venue:SOS": "",
    "venue:sosp venue:neurips": "12 11 10 09",
    "year:2024": "08 07",
    "year:2024-2025": "12 11 10 09 08 07",
    "year:2025-": "12 11 10 09",
    "year:-2024": "08 07",
    "year:2025-2024": "",
    "year：２０２４": "08 07",
    "推理 tag:推理 year:2025": "10 12",
    "attention venue:neurips": "09",
    "tag:推理 section:serving venue:sosp year:2025 专家": "10",
    # Exclusion
    "推理 -显存": "10 08 07",
    "推理 －显存": "10 08 07",
    "推理 -tag:推理": "07 11",
    'attention -"attention mechanism"': "12 07",
    "-推理": "09",
    "-tag:推理": "11 09 07",
    "-section:serving": "11 09 07",
    "-venue:sosp -year:2024": "11 09",
    "推理 -推理": "",
    "推理 -GPT-4": "10 12 08 07",
    # What looks like a filter and is none
    "foo:bar": "",
    "year:abc": "",
    "tag:": "",
    "attention:mechanism": "09",
    # Hostile and odd
    "' OR 1=1 --": "",
    '"; DROP TABLE papers_paper; --': "",
    "title:attention": "",
    "attention*": "12 09 07",
    "attention AND mechanism": "09",
    "NOT attention": "",
    "{title} : attention": "",
    "attention | mechanism": "09 07",
    "attention & !mechanism": "09 07",
    "attention:*": "12 09 07",
    "\\attention\\": "12 09 07",
    "%": "",
    "_": "",
    "-": "",
    "--": "",
    '"': "",
    '""': "",
    "attention\0mechanism": "09 07",
    "\ud800attention": "12 09 07",
    "": "",
    "   　": "",
}


def months(found: Any) -> str:
    return " ".join(f"{paper.published_on:%m}" for paper in found)


def test_there_are_enough_queries() -> None:
    assert len(QUERIES) >= 60


def test_queries_find_what_they_should(library: None) -> None:
    found = {query: months(search.find(search.parse(query))) for query in QUERIES}
    assert {query: got for query, got in found.items() if got != QUERIES[query]} == {}


@pytest.mark.parametrize("few", [0, 2, 2000])
def test_pages_hold_the_same_however_they_are_put_together(
    library: None, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(results, "FEW", few)
    for query, expected in QUERIES.items():
        papers = search.find(search.parse(query))
        pages = [months(papers[start : start + 2]) for start in range(0, 8, 2)]
        assert " ".join(filter(None, pages)) == expected, query
        assert papers.count() == len(expected.split()), query
        assert [paper.tier for paper in papers[:6]] == [paper.tier for paper in papers], query


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text(max_size=60) | st.text(alphabet='推理a-"：:tagyear+#|&!*() 20', max_size=40))
def test_any_text_is_a_query(library: None, text: str) -> None:
    query = search.parse(text)
    found = search.find(query)
    assert months(found[:10]) == months(found)
    assert len(search.excerpts(query, found)) == found.count()
    assert search.parse(str(query)) == query


def test_very_long_text_is_cut(library: None) -> None:
    assert months(search.find(search.parse("vLLM " * 10_000))) == "12"
    assert months(search.find(search.parse("推理" * 10_000))) == ""
    assert len(search.parse(" ".join(chr(0x4E00 + number) for number in range(90))).terms) == 10


def test_drafts_and_what_is_not_due_are_never_found(library: None) -> None:
    Paper.objects.filter(slug="p0").update(status="draft")
    assert months(search.find(search.parse("vLLM"))) == ""
    assert months(search.find(search.parse("vLLM"))[:5]) == ""
    assert months(search.find(search.parse("tag:推理"))) == "10 08"


def test_found_papers_can_be_narrowed_counted_and_grouped(library: None) -> None:
    found = search.find(search.parse("推理"))
    assert months(found.filter(venue_slug="sosp-2023")) == "12"
    assert months(found.order_by("published_on")[:2]) == "07 08"
    assert found.exclude(tagged__tag__name="推理").count() == 2
    by_section = found.order_by().values("section__slug").annotate(papers=Count("pk"))
    assert {row["section__slug"]: row["papers"] for row in by_section} == {
        "serving": 2,
        "decoding": 1,
        "RL": 1,
        "basics": 1,
    }


def test_count_stops_at_its_limit(library: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "COUNT_LIMIT", 3)
    assert search.find(search.parse("推理")).count() == 3


def test_nothing_is_asked_before_the_papers_are(library: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        found = search.find(search.parse("推理 -显存 tag:推理 venue:sosp year:2025"))
    with django_assert_num_queries(2):  # how often the words stand somewhere, and a page of papers
        assert months(found[:20]) == "10"


def test_what_is_counted_in_memory_is_what_is_found(library: None) -> None:
    held = columns_and_tags()
    for text in QUERIES:
        counted = {held.pks[place] for place in counting.found(Choice(q=text), held)} if text else set()
        assert counted == set(search.find(search.parse(text)).values_list("pk", flat=True)), text


# --- Sequences --------------------------------------------------------------------------------------------

# Texts that hold all the parts of what is looked for, and the whole only where it is said.
SEQUENCES = {
    "甲乙丙": {"甲乙丙": True, "子甲乙丙丑": True, "甲乙子，丑乙丙": False, "甲乙 乙丙": False},
    "甲乙丙丁": {"甲乙丙丁": True, "甲乙丙子，丑乙丙丁": False, "乙丙丁，甲乙丙，甲乙丙丁": True},
    "甲乙丙丁戊": {"甲乙丙丁戊": True, "甲乙丙丁，乙丙丁戊": False, "甲乙丙，乙丙丁戊": False},
    "甲甲甲甲": {"甲甲甲甲": True, "甲甲甲": False, "甲甲，甲甲": False, "甲甲甲乙甲甲甲": False},
    "甲乙甲乙": {"甲乙甲乙": True, "甲乙甲丙，乙甲乙": False, "子甲乙甲乙": True},
    '"alpha beta"': {"alpha beta": True, "alpha gamma beta": False, "alpha. beta": False},
    '"alpha beta gamma"': {
        "alpha beta gamma": True,
        "alpha beta delta, epsilon beta gamma": False,
        "alpha beta, beta gamma": False,
        "beta gamma, alpha beta, alpha beta gamma": True,
    },
    "alpha-beta-gam": {"alpha beta gamma": True, "alpha beta, beta gamma": False, "alpha beta gallon": False},
    '"甲乙 alpha"': {"甲乙 alpha": True, "甲乙，乙 alpha": False},
    "甲乙丙 丁戊己": {"甲乙丙丁戊己": True, "丁戊己，甲乙丙": True, "甲乙丙，丁戊子，丑戊己": False},
    "甲乙丙 -丁戊己": {"甲乙丙丁戊己": False, "甲乙丙，丁戊子，丑戊己": True},
}


def say(paper: Paper, text: str) -> None:
    SearchRow.objects.filter(paper=paper).update(notes=sequence(text))


@pytest.mark.parametrize("query", SEQUENCES)
def test_a_sequence_is_found_whole(published_paper: Paper, query: str) -> None:
    for text, is_there in SEQUENCES[query].items():
        say(published_paper, text)
        assert search.find(search.parse(query)).exists() == is_there, text


def test_a_sequence_does_not_cross_from_the_summary_to_the_note(published_paper: Paper) -> None:
    SearchRow.objects.update(summary=sequence("甲乙"), notes=sequence("丙丁"))
    assert not search.find(search.parse("甲乙丙")).exists()
    assert not search.find(search.parse('"甲乙 丙丁"')).exists()


def test_words_of_every_length_are_found_in_texts_that_repeat_themselves(section: Section) -> None:
    random = Random(11)
    papers = [make_paper(section, f"r{number}") for number in range(30)]
    texts = {paper.pk: "".join(random.choices("甲乙丙，", (5, 4, 2, 1), k=14)) for paper in papers}
    for paper in papers:
        say(paper, texts[paper.pk])
    words = {"".join(random.choices("甲乙丙", (5, 4, 2), k=3 + number % 4)) for number in range(120)}
    for word in words:
        found = set(search.find(search.parse(word)).values_list("pk", flat=True))
        assert found == {pk for pk, text in texts.items() if word in text}, word


def test_a_very_long_text_is_looked_through(published_paper: Paper) -> None:
    filler = "".join(chr(0x4E00 + number % 9000) for number in range(0, 400_000, 11))
    say(published_paper, f"{filler}，甲乙丙子，丑乙丙丁，一 alpha")
    found = {
        word: search.find(search.parse(word)).exists() for word in ("甲乙丙", "乙丙丁", "甲乙丙丁", "甲乙丁")
    }
    assert found == {"甲乙丙": True, "乙丙丁": True, "甲乙丙丁": False, "甲乙丁": False}


def test_letters_without_an_end_are_looked_at_once() -> None:
    """A protein: from each of its letters a name was looked for to its end."""
    assert sequence("MKV" * 100_000).split() == ["mkv" * 100_000]

"""A believable site of any size, for trials and measurements: the same number and seed make the same papers."""

import datetime
from collections.abc import Iterator
from random import Random

from django.db import transaction

from . import derived
from .models import Citation, Paper, PaperKey, Section, Tag, TaggedPaper
from .rendering.renderer import render

CHUNK = 500

# uid, parent's uid, path segment, title, description
SECTIONS = (
    ("demo", "root", "demo", "演示", "自动生成的示例笔记，用于试用和测量"),
    ("demo-serving", "demo", "serving", "推理服务", "大模型在线服务的调度与缓存"),
    ("demo-kv-cache", "demo-serving", "kv_cache", "键值缓存", "注意力缓存的压缩、共享与换出"),
    ("demo-batching", "demo-serving", "batching", "批处理", "连续批处理与请求调度"),
    ("demo-long-context", "demo-serving", "long_context", "长上下文", "百万字上下文的推理"),
    ("demo-training", "demo", "training", "训练系统", "大规模训练的并行与容错"),
    ("demo-parallelism", "demo-training", "parallelism", "并行策略", "数据、张量与流水线并行"),
    ("demo-checkpoints", "demo-training", "checkpoints", "检查点与容错", "故障恢复与弹性训练"),
    ("demo-rl", "demo-training", "RL", "强化学习", "对齐与推理能力的后训练"),
    ("demo-kernels", "demo", "kernels", "算子与编译", "GPU 算子、编译器与低精度"),
    ("demo-attention", "demo-kernels", "attention", "注意力算子", "注意力的高效实现"),
    ("demo-quantisation", "demo-kernels", "quantisation", "量化", "低比特权重与激活"),
    ("demo-compilers", "demo-kernels", "compilers", "编译器", "图优化与代码生成"),
    ("demo-data", "demo", "data", "数据与检索", "数据处理、检索与评测"),
    ("demo-retrieval", "demo-data", "retrieval", "检索增强", "检索与生成的结合"),
    ("demo-evaluation", "demo-data", "evaluation", "评测", "能力、成本与可复现性"),
)
TAGS = (
    ("kv-cache", "KV 缓存"),
    ("scheduling", "调度"),
    ("quantization", "量化"),
    ("attention", "注意力机制"),
    ("moe", "MoE"),
    ("rag", "RAG"),
    ("rlhf", "RLHF"),
    ("compiler", "编译器"),
    ("gpu-kernels", "GPU 算子"),
    ("networking", "网络"),
    ("communication", "通信"),
    ("pipeline-parallelism", "流水线并行"),
    ("tensor-parallelism", "张量并行"),
    ("fault-tolerance", "容错"),
    ("checkpointing", "检查点"),
    ("speculative-decoding", "投机解码"),
    ("long-context", "长上下文"),
    ("sparsity", "稀疏化"),
    ("distillation", "蒸馏"),
    ("multimodal", "多模态"),
    ("diffusion-models", "扩散生成"),
    ("benchmarks", "基准测试"),
    ("energy", "能耗"),
    ("storage", "存储"),
)
VENUES = (
    ("", ""),
    ("OSDI", "USENIX Symposium on Operating Systems Design and Implementation"),
    ("SOSP", "ACM Symposium on Operating Systems Principles"),
    ("NSDI", "USENIX Symposium on Networked Systems Design and Implementation"),
    ("ASPLOS", "Architectural Support for Programming Languages and Operating Systems"),
    ("EuroSys", "European Conference on Computer Systems"),
    ("MLSys", "Conference on Machine Learning and Systems"),
    ("NeurIPS", "Conference on Neural Information Processing Systems"),
    ("ICML", "International Conference on Machine Learning"),
    ("ICLR", "International Conference on Learning Representations"),
    ("ACL", "Annual Meeting of the Association for Computational Linguistics"),
)
FIRST_NAMES = (
    "Wei",
    "Jing",
    "Lei",
    "Min",
    "Yang",
    "Ada",
    "Elena",
    "Marco",
    "Priya",
    "Tomás",
    "Sofia",
    "Kenji",
)
LAST_NAMES = (
    "Zhang",
    "Li",
    "Wang",
    "Chen",
    "Liu",
    "Zhao",
    "Kumar",
    "Rossi",
    "Novák",
    "Tanaka",
    "Müller",
    "Smith",
)
NAME_STARTS = (
    "Flash",
    "Stream",
    "Tensor",
    "Page",
    "Spec",
    "Mega",
    "Light",
    "Delta",
    "Ring",
    "Hydra",
    "Quant",
    "Swift",
)
NAME_ENDS = (
    "Serve",
    "Cache",
    "Flow",
    "Fuse",
    "Shard",
    "Pipe",
    "Tune",
    "Plan",
    "Kernel",
    "Index",
    "Batch",
    "Mesh",
)
QUALITIES = ("Efficient", "Scalable", "Adaptive", "Robust", "Low-Latency", "Memory-Frugal", "Elastic", "Fair")
TASKS = (
    "Serving of Large Language Models",
    "Training on Unreliable Clusters",
    "Attention for Long Contexts",
    "Mixture-of-Experts Inference",
    "Retrieval-Augmented Generation",
    "Quantization of Weights and Activations",
    "Scheduling of Heterogeneous GPUs",
    "Compilation of Dynamic Shapes",
)
BACKGROUND = (
    "随着模型规模不断增大，{task}的成本已经成为部署时的主要瓶颈。",
    "已有系统大多假设请求长度相近，而真实负载中长短请求相差两个数量级。",
    "作者观察到，显存中有近 {percent}% 的空间被碎片和重复的前缀占用。",
    "现有方法把调度与内存管理分开处理，因此在高负载下延迟会急剧上升。",
    "在多租户集群里，尾延迟往往由少数超长请求决定，平均值并不能说明问题。",
)
METHOD = (
    "{name} 把请求切成大小固定的块，并用一张两级页表记录它们的位置。",
    "核心想法是让计算与通信在同一个流水线中重叠，从而隐藏跨节点传输的时间。",
    "系统在离线阶段收集代价模型，在线阶段只需查表即可选出并行策略。",
    "为了不影响精度，只对离群值之外的通道做低比特量化，其余保持原样。",
    "调度器每隔 {percent} 毫秒重新估计一次剩余长度，并据此调整优先级。",
)
FORMULAS = (
    r"单步的代价为 $T = \alpha n + \beta n^2$，其中 $n$ 是上下文长度。",
    r"注意力写作 $\mathrm{softmax}(QK^\top / \sqrt{d})V$，复杂度是 $O(n^2 d)$。",
    r"误差满足 $\lVert W - \hat{W} \rVert_F \le \epsilon$，与批大小 $b$ 无关。",
    r"目标是最小化 $\mathcal{L}(\theta) = \sum_i \ell(x_i; \theta)$，约束为显存 $M \le M_0$。",
)
POINTS = (
    "按前缀共享缓存，命中率更高",
    "把预填充和解码放到不同的设备上",
    "用写时复制避免多余的拷贝",
    "在空闲时后台整理显存碎片",
    "以令牌为单位抢占，而不是以请求为单位",
    "失败的节点由相邻副本接管",
)
RESULTS = (
    "在 {gpus} 张 GPU 上，吞吐比基线提高 {ratio} 倍，尾延迟降低 {percent}%。",
    "消融实验显示，一半以上的收益来自缓存共享，其余来自调度。",
    "在真实的对话负载上，首字延迟稳定在 {percent} 毫秒以内。",
    "精度损失小于 0.{percent} 个百分点，可以忽略不计。",
)
CLOSING = (
    "这项工作实现简洁，适合直接用到生产系统；不足之处是没有讨论异构硬件。",
    "想法很有启发，不过实验只覆盖了两种模型，结论能否推广还要再看。",
    "值得和分页缓存的思路放在一起读：两者解决的是同一个问题的两面。",
)
CODE = """```python
def plan(requests, budget):
    chosen = []
    for request in sorted(requests, key=lambda r: r.remaining):
        if request.blocks <= budget:
            budget -= request.blocks
            chosen.append(request)
    return chosen
```"""
TASK_WORDS = ("在线推理", "大规模训练", "长文本处理", "检索增强生成", "多机通信")


def make_demo(count: int, seed: int) -> Iterator[tuple[int, int]]:
    """Make papers 1 to `count`, without those that are there; after each chunk, its last number and how many it made."""
    sections, tags = _make_sections(), _make_tags()
    for start in range(1, count + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, count + 1))
        yield numbers[-1], _make_chunk(numbers, seed, sections, tags)


def uid_of(number: int) -> str:
    return f"demo-{number:06d}"


def _make_sections() -> list[Section]:
    """The tree, with a root if the site has none yet."""
    root = Section.objects.filter(parent=None).first()
    made = {"root": root or Section.objects.create(uid="root", title="PaperCache")}
    for position, (uid, parent, slug, title, description) in enumerate(SECTIONS, 1):
        typed = {"slug": slug, "title": title, "description": description, "position": position * 10}
        made[uid] = Section.objects.get_or_create(uid=uid, defaults={"parent": made[parent], **typed})[0]
    return [made[uid] for uid, *_rest in SECTIONS[1:]]


def _make_tags() -> list[Tag]:
    """Tags of the same name are the site's own, and stay as they are."""
    return [
        Tag.objects.get_or_create(name=name, defaults={"uid": f"demo-{slug}", "slug": f"demo-{slug}"})[0]
        for slug, name in TAGS
    ]


def _make_chunk(numbers: range, seed: int, sections: list[Section], tags: list[Tag]) -> int:
    """One transaction around the writing, none around the rendering."""
    uids = [uid_of(number) for number in numbers]
    existing = set(Paper.objects.filter(uid__in=uids).values_list("uid", flat=True))
    made = [_paper(number, seed, sections, tags) for number in numbers if uid_of(number) not in existing]
    if not made:
        return 0
    papers = [paper for paper, _tags in made]
    for paper in papers:
        derived.fill(paper, renderer=render)  # our own text: no child process needed
    with transaction.atomic():
        Paper.objects.bulk_create(papers)
        TaggedPaper.objects.bulk_create(
            TaggedPaper(content_object=paper, tag=tag) for paper, chosen in made for tag in chosen
        )
        PaperKey.objects.bulk_create(
            PaperKey(paper=paper, key=key) for paper in papers for key in sorted(derived.keys_of(paper))
        )
        Citation.objects.bulk_create(
            Citation(paper=paper, **values) for paper in papers for values in derived.citations_of(paper)
        )
        derived.index(papers)
        derived.raise_generation()
    return len(papers)


def _paper(number: int, seed: int, sections: list[Section], tags: list[Tag]) -> tuple[Paper, list[Tag]]:
    random = Random(f"{seed}-{number}")
    name = random.choice(NAME_STARTS) + random.choice(NAME_ENDS)
    title = f"{name}: {random.choice(QUALITIES)} {random.choice(TASKS)}"
    month = datetime.date(random.randint(2016, 2025), random.randint(1, 12), 1)
    day_known = random.random() < 0.3
    venue, venue_full = random.choice(VENUES)
    words = title.replace(":", "").replace(" ", "-")
    paper = Paper(
        uid=uid_of(number),
        section=random.choice(sections),
        slug=f"{month:%Y-%m}-{words}-{number:05d}",
        title=title,
        title_official=title,
        published_on=month.replace(day=random.randint(1, 28)) if day_known else month,
        day_known=day_known,
        first_posted=f"{month:%Y-%m}",
        summary=f"面向{random.choice(TASK_WORDS)}的 {name} 系统：{random.choice(POINTS)}",
        notes=_notes(random, name),
        authors="\n".join(_authors(random)),
        venue=f"{venue} {month.year}" if venue else "",
        venue_full=venue_full,
        year=month.year,
        bibtex_type=Paper.BibtexType.INPROCEEDINGS if venue else Paper.BibtexType.MISC,
        paper_url=f"https://example.org/{uid_of(number)}.pdf",
        aliases=f"{name}-{number}",
        status=Paper.Status.PUBLISHED,
    )
    paper.notes += _cited(Random(f"{seed}-{number}-cited"), number)
    return paper, random.sample(tags, random.randint(1, 4))


def _authors(random: Random) -> list[str]:
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    return random.sample(names, random.randint(2, 6))


def _notes(random: Random, name: str) -> str:
    """One to two kilobytes of Markdown."""

    def said(sentences: tuple[str, ...], count: int) -> str:
        values = {"task": random.choice(TASK_WORDS), "name": name, "percent": random.randint(12, 79)}
        values |= {"gpus": 2 ** random.randint(3, 10), "ratio": f"{random.uniform(1.2, 4.8):.1f}"}
        return "".join(sentence.format(**values) for sentence in random.sample(sentences, count))

    points = "\n".join(f"- {point}" for point in random.sample(POINTS, 3))
    extra = random.choice(("", CODE, _table(random, name)))
    parts = [
        *("## 背景", said(BACKGROUND, 4)),
        *("## 方法", said(METHOD, 3), random.choice(FORMULAS), points),
        *("## 实验", said(RESULTS, 2), extra),
        *("## 小结", random.choice(CLOSING)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cited(random: Random, number: int) -> str:
    """Names an earlier paper, low numbers most often, and one that is not here, some of these often too."""
    earlier = uid_of(1 + int((number - 1) * random.random() ** 3))
    study = 1 + int(number * random.random() ** 3)
    link = f"思路来自 [[{earlier}]]，" if number > 1 else ""
    return f"\n{link}负载取自【1，{random.choice(TASKS)}, Study {study}，2015，ATC】。\n"


def _table(random: Random, name: str) -> str:
    rows = [
        f"| {system} | {random.randint(40, 900)} | {random.randint(8, 300)} |" for system in ("基线", name)
    ]
    return "\n".join(["| 系统 | 吞吐（令牌/秒） | 延迟（毫秒） |", "| --- | ---: | ---: |", *rows])

"""Tags that name a conference and a year: `osdi24`, `nips-2023`. Pure."""

import re

_NAMES = """
    AAAI ACL AISTATS ASPLOS CCS CGO CHI CIDR CIKM COLING COLM COLT CoNEXT CoRL CVPR DAC DATE ECCV EMNLP EuroSys FAST
    FCCM FPGA HotNets HotOS HPCA HPDC ICCAD ICCV ICDE ICLR ICML ICPP ICRA ICS IJCAI INFOCOM INTERSPEECH IPDPS ISCA
    ISSCC KDD MICRO Middleware MLSys MobiCom MobiSys NAACL NDSS NeurIPS NSDI OOPSLA OSDI PACT PLDI PODC POPL PPoPP
    RECSYS SC SenSys SIGCOMM SIGIR SIGMETRICS SIGMOD SoCC SOSP SPAA TACL TMLR UAI VLDB WSDM WWW
""".split()
_CANONICAL = {name.lower(): name for name in _NAMES} | {
    "atc": "USENIX ATC",
    "usenixatc": "USENIX ATC",
    "nips": "NeurIPS",
    "usenixsecurity": "USENIX Security",
    "sysml": "MLSys",
}
_TAG = re.compile(r"([a-z]+(?:[-_ ][a-z]+)?)[-_ ]?['’]?((?:19|20)\d\d|\d\d)", re.IGNORECASE | re.ASCII)
_JOINED = re.compile("[-_ ]")
# Two digits above this are of the last century.
_LAST = 60


def of_tag(tag: str) -> tuple[str, int] | None:
    """`nips23` gives (`NeurIPS 2023`, 2023); what is no known venue (`fp16`, `qwen25`) gives none."""
    found = _TAG.fullmatch(tag.strip())
    name = _CANONICAL.get(_JOINED.sub("", found[1]).lower()) if found else None
    if found is None or name is None:
        return None
    digits = int(found[2])
    year = digits if digits > 99 else digits + (2000 if digits <= _LAST else 1900)
    return f"{name} {year}", year

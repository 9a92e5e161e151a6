"""Languages: ISO 639-2 codes as providers write them, in BCP 47 (RFC 5646 §2.2.1)."""

from functools import lru_cache

# Two letters where ISO 639-1 has them; both forms of ISO 639-2 (bibliographic, terminological).
_TWO_LETTERS = (
    "aar:aa abk:ab afr:af aka:ak alb:sq sqi:sq amh:am ara:ar arg:an arm:hy hye:hy asm:as ava:av "
    "aym:ay aze:az bak:ba bam:bm baq:eu eus:eu bel:be ben:bn bis:bi bod:bo tib:bo bos:bs bre:br "
    "bul:bg bur:my mya:my cat:ca ces:cs cze:cs cha:ch che:ce chi:zh zho:zh chv:cv cor:kw cos:co "
    "cre:cr cym:cy wel:cy dan:da deu:de ger:de div:dv dut:nl nld:nl dzo:dz ell:el gre:el eng:en "
    "epo:eo est:et ewe:ee fao:fo fas:fa per:fa fij:fj fin:fi fra:fr fre:fr fry:fy ful:ff geo:ka "
    "kat:ka gla:gd gle:ga glg:gl glv:gv grn:gn guj:gu hat:ht hau:ha heb:he her:hz hin:hi hmo:ho "
    "hrv:hr hun:hu ibo:ig ice:is isl:is iii:ii iku:iu ind:id ipk:ik ita:it jav:jv jpn:ja kal:kl "
    "kan:kn kas:ks kau:kr kaz:kk khm:km kik:ki kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku "
    "lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu lug:lg mac:mk mkd:mk mah:mh mal:ml "
    "mao:mi mri:mi mar:mr may:ms msa:ms mlg:mg mlt:mt mon:mn nau:na nav:nv nbl:nr nde:nd ndo:ng "
    "nep:ne nno:nn nob:nb nor:no nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa pli:pi pol:pl "
    "por:pt pus:ps que:qu roh:rm ron:ro rum:ro run:rn rus:ru sag:sg san:sa sin:si slk:sk slo:sk "
    "slv:sl sme:se smo:sm sna:sn snd:sd som:so sot:st spa:es srd:sc srp:sr ssw:ss sun:su swa:sw "
    "swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl tha:th tir:ti ton:to tsn:tn tso:ts tuk:tk "
    "tur:tr twi:tw uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo wln:wa wol:wo xho:xh yid:yi "
    "yor:yo zha:za zul:zu"
)
_SHORT = dict(pair.split(":") for pair in _TWO_LETTERS.split())
# Regions of three letters (ISO 3166-1 alpha-3), as far as languages differ by them.
_THREE_LETTERS = (
    "ARG:AR AUS:AU AUT:AT BEL:BE BRA:BR CAN:CA CHE:CH CHN:CN COL:CO DEU:DE EGY:EG ESP:ES FRA:FR "
    "GBR:GB HKG:HK IND:IN IRL:IE ITA:IT JPN:JP KOR:KR MEX:MX NLD:NL NZL:NZ PRT:PT SGP:SG TWN:TW "
    "USA:US ZAF:ZA"
)
_REGIONS = dict(pair.split(":") for pair in _THREE_LETTERS.split())
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis"})
_CODE_LENGTHS = (2, 3)


@lru_cache(maxsize=1024)
def bcp47(language: str, region: str | None = None) -> str | None:
    """Return the BCP 47 tag of an ISO 639 code, or None where it names no language.

    A code of three letters without a shorter form is a valid tag as it is.

    Args:
        language: ISO 639-1 or 639-2, any case (``eng`` → ``en``).
        region: ISO 3166-1 α-2 or alpha-3, or a UN area (``419``), where the source has one.
    """
    code = language.strip().lower()
    if not (code.isascii() and code.isalpha()) or len(code) not in _CODE_LENGTHS:
        return None
    if code in _NO_LANGUAGE:
        return None
    tag = _SHORT.get(code, code)
    where = _region(region) if region else None
    return f"{tag}-{where}" if where else tag


def _region(given: str) -> str | None:
    """Return a region subtag: two letters, or three digits of a UN area."""
    region = _REGIONS.get(given.upper(), given.upper())
    letters = len(region) == _CODE_LENGTHS[0] and region.isalpha()
    digits = len(region) == _CODE_LENGTHS[1] and region.isdigit()
    return region if region.isascii() and (letters or digits) else None

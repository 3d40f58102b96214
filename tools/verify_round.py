"""Check a round's folder without relief. Written from docs/record-format.md; the standard library alone.

    python verify_round.py round/ [--fingerprint F] [--last SEAL] [--previous FINGERPRINT] [--secret FILE]
    python verify_round.py --slip slip.json --fingerprint F
Prints what is wrong, a line each, beginning with the file; status 0 if nothing is, 1 if something is.
"""

import argparse
import csv
import hashlib
import hmac
import io
import json
import os
import re
import sys
from fractions import Fraction
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

HASH, GUARDED = re.compile(r"[0-9a-f]{64}"), re.compile(r"'+[=+\-@\t\r\n]")
STEP = "before by facts format name number on papers seal".split()
SLIP = "format index leaf leaf_hash path published".split()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def seal_of(content):
    return sha(canonical({key: value for key, value in content.items() if key != "seal"}))


@lru_cache(64)
def parse(data):
    """Return what a JSON file says; an error if it is not written in the one way, or holds a fraction."""
    value = json.loads(data, parse_float=int, parse_constant=int)
    if not isinstance(value, dict) or canonical(value) != data:
        raise ValueError("it is not canonical")
    return value


def read_folder(folder, faults):
    found = {os.fsencode(path.relative_to(folder).as_posix()).decode(): path for path in folder.rglob("*")}
    for name, path in found.items():
        if path.is_symlink() or not (path.is_file() or (path.is_dir() and any(path.iterdir()))):
            faults.append(f"{name}: does not belong to the round: a link, an empty folder or no plain file")
    return {name: path.read_bytes() for name, path in sorted(found.items()) if path.is_file()}


def table(files, name):
    """Return a CSV's rows, the marks before formulas taken off."""
    rows = csv.DictReader(io.StringIO(files[name].decode("utf-8"), newline=""), strict=True)
    return [{key: cell[1:] if GUARDED.match(cell) else cell for key, cell in row.items()} for row in rows]


def fen(text):
    return int(re.fullmatch(r"([0-9]+)\.([0-9]{2})", text).expand(r"\1\2"))


def places(share):
    scaled = round(share * 10**6)
    return f"{scaled // 10**6}.{scaled % 10**6:06}"


def check_step(name, data, number, seals, named):
    """Hold a step against its seal, its place and the one before it, and remember its seal and its papers."""
    step = parse(data)
    named.update(**step["papers"])
    folder = f"{number:04}-{step['name']}"
    if sorted(step) != STEP or step["format"] != "relief-step/1" or step["seal"] != seal_of(step):
        yield f"{name}: was changed: its seal does not fit its content"
    if name != f"steps/{folder}.json" or step["number"] != str(number):
        yield f"{name}: is out of order: another was added, removed or put elsewhere"
    if step["before"] != seals[-1]:
        yield f"{name}: does not follow the one before: one was changed, swapped or is another round's"
    own, told = (f"papers/{folder}/", f"private/{folder}/"), step["facts"].get("fingerprint")
    if not all(path.startswith(own) for path in step["papers"]) or told not in (None, *named.values()):
        yield f"{name}: names a paper, or bears a fingerprint, that is not its own"
    seals.append(step["seal"])


def check_hashes(files, record, named):
    """Hold every file against the record, and those that the steps named."""
    is_known = record["format"] == "relief-round/1" and record["kind"] in ("round", "split")
    if not is_known or record["seal"] != seal_of(record):
        yield "record.json: was changed: its seal does not fit its content, or its format is another"
    named |= {f"pack/{name}": value for name, value in record["pack"]["files"].items()} | record["outputs"]
    named |= {f"inputs/{entry['name']}": entry["sha256"] for entry in record["inputs"]}
    for name in sorted({*named, *files}):
        if name not in files:
            yield f"{name}: is missing: it was removed"
        elif name in named and sha(files[name]) != named[name]:
            yield f"{name}: was changed: its hash is not the recorded one"
        elif name not in named and name != "record.json" and not name.startswith("steps/"):
            yield f"{name}: does not belong to the round: it was added, or the step that names it was changed"


def check_tables(files, record):
    """Add everything up again, and split again where the split is proportional."""
    call, counts, money = record["call"], record["counts"], record["reconciliation"]
    awards, shares = table(files, "awards.csv"), table(files, "shares.csv")
    total, fund = sum(fen(row["award_yuan"]) for row in awards), int(call["fund_fen"])
    same = itemgetter("household_id", "claim_yuan", "award_yuan")
    if list(map(same, awards)) != list(map(same, shares)):
        return (yield "shares.csv: households, claims or awards are not those of awards.csv")
    if not counts["awarded"] == len(awards) == len({row["household_id"] for row in awards}):
        yield "awards.csv: not as many households as recorded, or one stands twice"
    if awards and not total == int(money["sum_fen"]) == fund - int(money["returned_fen"]):
        yield "awards.csv: the awards do not add up to the recorded sum, or with what is returned to the fund"
    if record["kind"] == "round":
        yield from check_decisions(table(files, "decisions.csv"), awards, counts)
    yield from check_districts(table(files, "districts.csv"), awards)
    if [call["method"], call["rounding"]] == ["proportional", "largest_remainder"] and "terms" not in call:
        yield from check_split(awards, shares, fund, int(call["unit_fen"]))


def check_decisions(decisions, awards, counts):
    outcomes = [row["outcome"] for row in decisions]
    sums = {name: outcomes.count(name) for name in ("eligible", "ineligible", "pending")}
    sums |= {"judged": len(decisions), "households_in": len(decisions) + counts["quarantined"]}
    if not sums.items() <= counts.items():
        yield "decisions.csv: the households, or those of an outcome, are not as many as recorded"
    eligible = [row for row in decisions if row["outcome"] == "eligible"]
    same = itemgetter("household_id", "claim_yuan")
    if list(map(same, eligible)) != list(map(same, awards)):
        yield "decisions.csv: who is eligible, or with which claim, is not as in awards.csv"


def check_districts(stated, awards):
    total = sum(fen(row["award_yuan"]) for row in awards)
    missing = {row["district"] for row in awards} - {row["district"] for row in stated}
    yield from (f"districts.csv: {name} is missing" for name in sorted(missing))
    for row in stated:
        own = [other for other in awards if other["district"] == row["district"]]
        paid = sorted(fen(other["award_yuan"]) for other in own) or [0]
        middle = Fraction(paid[(len(paid) - 1) // 2] + paid[len(paid) // 2], 2)
        summed = [name for name in row if name in ("claim_yuan", "award_yuan") or name.startswith("from_")]
        amounts = {name: sum(fen(other[name]) for other in own) for name in summed}
        amounts |= {"min_yuan": paid[0], "max_yuan": paid[-1], "median_yuan": round(middle)}
        amounts["mean_yuan"] = round(Fraction(sum(paid), len(paid)))
        wrong = [name for name, amount in amounts.items() if fen(row[name]) != amount]
        wrong += ["households"] if row["households"] != str(len(own)) else []
        wrong += ["share"] if row["share"] != places(Fraction(sum(paid), total or 1)) else []
        yield from (f"districts.csv: {row['district']}: {name} is not that of the awards" for name in wrong)


def check_split(awards, shares, fund, unit):
    claims = {row["household_id"]: fen(row["claim_yuan"]) for row in awards}
    caps = {label: claim // unit * unit for label, claim in claims.items()}
    quotas, free, held = {}, dict(claims), True
    while free and held:
        rate = Fraction(fund - sum(quotas.values()), sum(free.values()) or 1)
        held = {label: caps[label] for label, claim in free.items() if rate * claim > caps[label]}
        quotas |= held or {label: rate * claim for label, claim in free.items()}
        free = {label: claim for label, claim in free.items() if label not in held}
    given = {label: quota // unit * unit for label, quota in quotas.items()}
    queue = sorted(claims, key=lambda label: (given[label] - quotas[label], -claims[label], label))
    for label in queue[: (fund - sum(given.values())) // unit]:
        given[label] += unit
    for row in shares:
        label, award, quota = row["household_id"], fen(row["award_yuan"]), quotas[row["household_id"]]
        if award != given[label]:
            yield f"awards.csv: {label}: the award is not what the split gives"
        told = [places(quota / unit % 1), "yes" if award > quota else "no"]
        exact = row["quota_fen"] == str(quota) or quota.denominator >= 10**30
        if not exact or [row["remainder"], row["got_leftover"]] != told:
            yield f"shares.csv: {label}: quota, remainder or leftover is not what the split gives"


def check_published(files, record, name, known):
    told, call, rows = parse(files[name]), record["call"], table(files, "districts.csv")
    counts = {key: str(count) for key, count in record["counts"].items()}
    wanted = {key: call.get(key, "") for key in ("fund_fen", "unit_fen", "method", "rounding", "on")}
    wanted |= {"format": "relief-published/1", "kind": record["kind"], "round": record["seal"]}
    wanted |= {"pack": {"name": record["pack"]["name"], "sha256": sha(canonical(record["pack"]))}}
    wanted["districts"] = [{key: row[key] for key in ("district", "households")} for row in rows]
    for row, sums in zip(rows, wanted["districts"], strict=True):
        sums["award_fen"] = str(fen(row["award_yuan"]))
    wanted["leaves"] = counts["judged" if record["kind"] == "round" else "awarded"]
    wanted |= {"counts": counts, "award_fen": str(sum(fen(row["award_yuan"]) for row in rows)), **known}
    yield from (f"{name}: {key} is not the round's" for key in wanted if told.get(key) != wanted[key])
    if told.keys() != {*wanted, "root", "previous"} or not HASH.fullmatch(told["root"]):
        yield f"{name}: has other keys than the format, or no root"


def node(left, right=None):
    return left if right is None else hashlib.sha256(b"\1" + left + right).digest()


def climb(here, index, size, path):
    """Return where a path leads from a leaf, nothing if the leaf has no such place or path."""
    while size > 1:
        if (index ^ 1) < size:
            step = path.pop(0) if path else b""
            here = node(step, here) if index % 2 else node(here, step)
        index, size = index // 2, (size + 1) // 2
    return b"" if path or index else here


def check_slip(name, data, fingerprints):
    """Yield the first thing that is wrong with a slip."""
    slip = parse(data)
    published, leaf, index = slip["published"].encode(), slip["leaf"].encode(), int(slip["index"])
    hashed, path = hashlib.sha256(b"\0" + leaf).digest(), list(map(bytes.fromhex, slip["path"]))
    is_written = [slip["index"], slip["path"]] == [str(index), [step.hex() for step in path]]
    if sorted(slip) != SLIP or slip["format"] != "relief-slip/1" or not is_written:
        yield f"{name}: is no slip"
    elif sha(published) not in fingerprints:
        yield f"{name}: its published text has not the fingerprint: it was changed, or is another round's"
    elif hashed.hex() != slip["leaf_hash"]:
        yield f"{name}: the household's figures were changed"
    elif parse(leaf)["round"] != parse(published)["round"]:
        yield f"{name}: the household's figures are another round's"
    elif climb(hashed, index, int(parse(published)["leaves"]), path).hex() != parse(published)["root"]:
        yield f"{name}: place and path do not lead from the household to the root"


def find_root(files, record, secret, known):
    shares, level = {row["household_id"]: row for row in table(files, "shares.csv")}, []
    for row in table(files, "decisions.csv" if record["kind"] == "round" else "awards.csv"):
        share = shares.get(row["household_id"], {"award_yuan": "0.00", "quota_fen": "0"})
        leaf = {key: row.get(key, "") for key in ("household_id", "outcome", "category")}
        for key in ("failed_rules", "unknown_rules"):
            leaf[key] = [rule for rule in row.get(key, "").split(";") if rule]
        leaf |= {"format": "relief-leaf/1", "round": record["seal"], "district": row["district"] or "未注明"}
        leaf["claim_fen"] = row["claim_yuan"] and str(fen(row["claim_yuan"]))
        leaf |= {"award_fen": str(fen(share["award_yuan"])), "quota_fen": share["quota_fen"]}
        message = f"{record['seal']}\n{row['household_id']}".encode()
        leaf["salt"] = hmac.digest(secret, message, "sha256").hex()
        level.append(hashlib.sha256(b"\0" + canonical(leaf)).digest())
    level.sort()
    while len(level) > 1:
        level = [node(*level[at : at + 2]) for at in range(0, len(level), 2)]
    known["root"] = level[0].hex() if level else sha(b"")
    return []


def guarded(faults, name, check, *args):
    """Add what a check finds; a file that cannot be read as the format says is found too."""
    try:
        faults.extend(check(*args))
    except Exception as error:
        faults.append(f"{name}: is not as the format says: {type(error).__name__}: {error}")


def check_round(folder, fingerprint="", last="", previous="", secret=None):
    """Return what is wrong with a round's folder, a sentence each."""
    faults, named, known = [], {}, {"previous": previous} if previous else {}
    files = read_folder(folder, faults)
    try:
        record = parse(files["record.json"])
        seals = [record["seal"]]
    except Exception as error:
        return [*faults, f"record.json: is missing, was changed, or is no record: {error}"]
    for number, name in enumerate(sorted(name for name in files if name.startswith("steps/")), start=1):
        guarded(faults, name, check_step, name, files[name], number, seals, named)
    guarded(faults, "record.json", check_hashes, files, record, named)
    if last not in ("", seals[-1]):
        faults.append("steps/: the last step is another: one was taken away, or it is an older round")
    if "awards.parquet" in files:
        return faults  # The standard library does not read these tables; their hashes were checked.
    guarded(faults, "tables", check_tables, files, record)
    if secret:
        guarded(faults, secret, lambda: find_root(files, record, bytes.fromhex(secret.read_text()), known))
    papers = [name for name in sorted(files) if re.match(r"(papers|private)/.*\.json$", name)]
    told = [name for name in papers if b'\n  "format": "relief-published/1"' in files[name]]
    for name in told:
        guarded(faults, name, check_published, files, record, name, known)
    for name in (name for name in papers if b'\n  "format": "relief-slip/1"' in files[name]):
        guarded(faults, name, check_slip, name, files[name], [sha(files[other]) for other in told])
    if fingerprint and (not told or sha(files[told[-1]]) != fingerprint):
        faults.append(f"{told[-1] if told else 'papers/'}: is not the round of this fingerprint")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    for name in ("fingerprint", "last", "previous"):
        parser.add_argument(f"--{name}", default="", type=lambda typed: "".join(typed.split()).lower())
    for name in ("secret", "slip"):
        parser.add_argument(f"--{name}", type=Path)
    asked, faults = parser.parse_args(), []
    if slip := asked.slip:
        guarded(faults, slip, lambda: check_slip(slip, slip.read_bytes(), [asked.fingerprint]))
    if asked.folder:
        faults += check_round(asked.folder, asked.fingerprint, asked.last, asked.previous, asked.secret)
    print("\n".join(faults) or "nothing is wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())

/* The part of the report that says what each claim stands on. */
#include <string.h>

#include "experiments/evidence_kinds_internal.h"
#include "experiments/report_internal.h"

/* A set of names, borrowed, in the order in which they came. */
enum { MOST_NAMES = 64, NAME_SIZE = 64 };
struct names {
    char name[MOST_NAMES][NAME_SIZE];
    size_t count;
};

static void add_name(struct names *names, const char *text, size_t length)
{
    if (length >= NAME_SIZE) length = NAME_SIZE - 1;
    for (size_t i = 0; i < names->count; i++)
        if (strlen(names->name[i]) == length && strncmp(names->name[i], text, length) == 0) return;
    if (names->count == MOST_NAMES) return;
    memcpy(names->name[names->count], text, length);
    names->name[names->count++][length] = '\0';
}

/* Every name of a comma-separated list. */
static void add_names(struct names *names, const char *list)
{
    while (*list != '\0') {
        const size_t length = strcspn(list, ",");
        add_name(names, list, length);
        list += length + (list[length] == ',');
    }
}

static void names_cell(FILE *f, const struct names *names, bool code)
{
    fputs("<td>", f);
    for (size_t i = 0; i < names->count; i++) {
        fputs(i > 0 ? code ? "<br>" : ", " : "", f);
        fputs(code ? "<code>" : "", f);
        html_text(f, names->name[i]);
        fputs(code ? "</code>" : "", f);
    }
    fputs(names->count > 0 ? "</td>" : "–</td>", f);
}

/* What names the evidence of a row: theorems, checks, or the law it was sampled from. */
static const char *evidence_list(const struct icl_claim *claim, enum evidence_kind kind)
{
    return kind == EVIDENCE_PROOF ? claim->theorem : kind == EVIDENCE_ENCLOSURE ? claim->enclosure : claim->law;
}

static void claim_row(FILE *f, const struct run *run, const struct claim_text *text)
{
    struct names names[EVIDENCE_KINDS] = {0};
    bool any = false;
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        const struct finding *finding = &run->finding[i];
        if (!finding->selected || !icl_claim_matches(claim, text->id)) continue;
        for (int k = 0; k < EVIDENCE_KINDS; k++) {
            if (!has_evidence(claim, finding, (enum evidence_kind)k)) continue;
            add_names(&names[k], evidence_list(claim, (enum evidence_kind)k));
            any = true;
        }
    }
    if (!any) return;
    fprintf(f, "<tr><td class=\"n\"><a href=\"#%s\">%s</a></td>", text->id, text->id);
    for (int k = 0; k < EVIDENCE_KINDS; k++)
        names_cell(f, &names[k], k <= EVIDENCE_ENCLOSURE);
    fputs("</tr>\n", f);
}

void report_evidence(FILE *f, const struct run *run)
{
    fputs(
        "<section id=\"evidence\"><h2>What each claim stands on</h2>\n<p>Four kinds of evidence, the first two without "
        "any sampling. <b>Proof</b> (P): theorems that the Coq proof assistant checked, in proofs/formal; "
        "docs/theory.md says what each assumes, and for which laws. <b>Enclosure</b> (E): the statement held in "
        "rigorous interval arithmetic on thousands of laws, in proofs/interval. <b>Synthetic</b> (S): samples of laws "
        "with known answers, in this run. <b>Network</b> (N): neurons of networks that see images, in this run.</p>\n"
        "<table><thead><tr><th>claim</th><th>proof</th><th>enclosure</th><th>synthetic</th><th>network</th></tr>"
        "</thead><tbody>\n",
        f);
    for (size_t t = 0; t < claim_text_count; t++)
        claim_row(f, run, &claim_texts[t]);
    for (size_t t = 0; t < training_text_count; t++)
        claim_row(f, run, &training_texts[t]);
    fputs("</tbody></table></section>\n", f);
}

#include "experiments/evidence_kinds_internal.h"

#include <stdio.h>
#include <string.h>

#include "experiments/training_internal.h"

const char *const evidence_kind_names[EVIDENCE_KINDS] = {"proof", "enclosure", "synthetic", "network"};
const char evidence_kind_letters[EVIDENCE_KINDS + 1] = "PESN";

static bool is_named(const char *cell)
{
    return strcmp(cell, "-") != 0;
}

bool has_evidence(const struct icl_claim *claim, const struct finding *finding, enum evidence_kind kind)
{
    const bool of_network = panel_kind_of(claim->law) != NULL || training_is_needed(claim);
    switch (kind) {
    case EVIDENCE_PROOF:
        return is_named(claim->theorem);
    case EVIDENCE_ENCLOSURE:
        return is_named(claim->enclosure);
    case EVIDENCE_SYNTHETIC:
        return finding->count > 0 && !of_network;
    case EVIDENCE_NETWORK:
        return finding->count > 0 && of_network;
    case EVIDENCE_KINDS:
        break;
    }
    return false;
}

void evidence_words(const struct icl_claim *claim, const struct finding *finding, char words[EVIDENCE_WORDS_SIZE])
{
    char *end = words;
    for (int k = 0; k < EVIDENCE_KINDS; k++)
        if (has_evidence(claim, finding, (enum evidence_kind)k))
            end += sprintf(end, "%s%s", end > words ? "," : "", evidence_kind_names[k]);
    if (end == words) strcpy(words, "-");
}

void evidence_letters(const struct icl_claim *claim, const struct finding *finding, char letters[EVIDENCE_KINDS + 1])
{
    for (int k = 0; k < EVIDENCE_KINDS; k++)
        letters[k] = has_evidence(claim, finding, (enum evidence_kind)k) ? evidence_kind_letters[k] : '-';
    letters[EVIDENCE_KINDS] = '\0';
}

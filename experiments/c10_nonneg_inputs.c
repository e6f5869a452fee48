/* c10: batch norm before ReLU feeds the weights inputs of one sign: signs of the gradients of the weights, means of the
 * inputs. */
#include <string.h>

#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

/* Level 0: mean over the layers of the block vectors of one network (0: agreement, 1: shift); with both networks: the
 * difference, baseline minus IC. A series of its own holds the blocks of both side by side. */
struct view {
    size_t ic, baseline; /* layers */
    bool shift;
    int sign_ic, sign_baseline;
};

static double mean_of_layers(const double *block, size_t layers, bool shift)
{
    double sum = 0;
    for (size_t l = 0; l < layers; l++)
        sum += block[(shift ? layers : 0) + l];
    return sum / (double)layers;
}

static void combine(const struct icl_series *series, const double *mean, double *level)
{
    const struct view *v = series->context;
    *level = 0;
    if (v->sign_ic != 0) *level += v->sign_ic * mean_of_layers(mean, v->ic, v->shift);
    if (v->sign_baseline != 0) *level += v->sign_baseline * mean_of_layers(mean + 2 * v->ic, v->baseline, v->shift);
}

static icl_status join(const struct icl_series *a, const struct icl_series *b, struct icl_series *out,
                       struct icl_error *err)
{
    *out = (struct icl_series){.estimator = "gradients",
                               .kind = ICL_KIND_DIRECT,
                               .blocks = a->blocks,
                               .size = a->size + b->size,
                               .n = a->n,
                               .levels = 1,
                               .to_levels = combine};
    ICL_TRY(icl_series_alloc(out, err));
    for (size_t k = 0; k < out->blocks; k++) {
        memcpy(out->block + k * out->size, a->block + k * a->size, a->size * sizeof *a->block);
        memcpy(out->block + k * out->size + a->size, b->block + k * b->size, b->size * sizeof *b->block);
    }
    return ICL_OK;
}

icl_status c10_nonneg_inputs(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                             struct icl_error *err)
{
    static const struct {
        const char *word;
        int ic, baseline;
    } words[] = {{"ic", 1, 0}, {"baseline", 0, 1}, {"baseline - ic", -1, 1}};
    const struct icl_series *ic = &run->signs[0].series, *baseline = &run->signs[1].series;
    const bool shift = strncmp(claim->quantity, "mean-shift ", 11) == 0;
    if ((!shift && strncmp(claim->quantity, "sign-agreement ", 15) != 0) || ic->block == NULL ||
        baseline->block == NULL || ic->blocks != baseline->blocks)
        return unknown_quantity(claim, err);
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        if (strcmp(strchr(claim->quantity, ' ') + 1, words[w].word) != 0) continue;
        const struct view view = {run->signs[0].layers, run->signs[1].layers, shift, words[w].ic, words[w].baseline};
        const struct icl_quantity_context context = {0};
        struct icl_series both;
        ICL_TRY(join(ic, baseline, &both, err));
        both.context = &view;
        const icl_status status = add_evidence(finding, &both, icl_level_itself, &context, err);
        icl_series_free(&both);
        return status;
    }
    return unknown_quantity(claim, err);
}

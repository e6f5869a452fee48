/* Tables of the pair sweeps: MI, its ratio, the power-law fits, correlation, entropy; and the curves of theory. */
#include <math.h>

#include "estimators/dropout_law.h"
#include "experiments/tables_internal.h"

/* What theory gives for a law behind a gate; nan where there is no closed form or integral. */
static icl_status mi_of_theory(const struct icl_sweep *s, double keep, double *mi, struct icl_error *err)
{
    *mi = NAN;
    if (keep == 1) return s->law->mi(s->law, mi, err);
    if (s->gate == ICL_GATE_GAUSSIAN) return ICL_OK;
    return s->law->mi_after(s->law, s->gate, keep, mi, err);
}

static double corr_of_theory(const struct icl_sweep *s, double keep)
{
    return icl_dropout_correlation(s->gate, keep, s->law->corr, s->law->mean_over_sd, s->law->mean_over_sd);
}

static void name_cells(struct icl_table *table, const struct icl_sweep *s, double keep)
{
    icl_table_text(table, s->law->name);
    icl_table_text(table, gate_names[s->gate]);
    icl_table_number(table, keep);
}

static double level_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    return level[((const struct icl_quantity_context *)context)->at] / level[0];
}

/* One table of a quantity of the MI levels, for every sweep, keep and estimator, with its value by theory. */
static icl_status write_mi(const struct run *run, const char *out, bool ratio, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, ratio ? "mi_ratio" : "mi",
                       ratio ? "mutual information behind the dropout over that before"
                             : "mutual information of pairs of known law against keep",
                       ratio ? "law\tgate\tkeep\testimator\tratio\tse\tlo\thi\tratio_law"
                             : "law\tgate\tkeep\testimator\tmi\tse\tlo\thi\tmi_law",
                       err));
    icl_status status = ICL_OK;
    for (size_t w = 0; status == ICL_OK && w < run->sweeps; w++) {
        const struct icl_sweep *s = &run->sweep[w];
        for (size_t l = 0; status == ICL_OK && l < s->levels; l++) {
            double before, theory;
            status = mi_of_theory(s, 1, &before, err);
            if (status == ICL_OK) status = mi_of_theory(s, s->keep[l], &theory, err);
            const struct icl_quantity_context context = {.keep = s->keep, .at = l};
            for (size_t e = 0; status == ICL_OK && e < ICL_MI_SERIES; e++) {
                struct icl_interval interval;
                status =
                    icl_series_interval(&s->mi[e], ratio ? level_ratio : icl_level_itself, &context, &interval, err);
                if (status != ICL_OK) break;
                name_cells(&table, s, s->keep[l]);
                icl_table_text(&table, s->mi[e].estimator);
                table_interval(&table, &interval);
                icl_table_number(&table, ratio ? theory / before : theory);
            }
        }
    }
    return finish_table(&table, status, err);
}

static icl_status write_fits(const struct run *run, const char *out, struct icl_error *err)
{
    struct icl_table exponents, curves;
    ICL_TRY(
        open_table(&exponents, run, out, "exponent", "fits of I = I0 q^b, generalised least squares, linear scale",
                   "law\tgate\testimator\texponent\texponent_se\texponent_lo\texponent_hi\tamplitude\tamplitude_se\t"
                   "amplitude_lo\tamplitude_hi",
                   err));
    icl_status status = open_table(&curves, run, out, "exponent_curve", "fitted curves I0 q^b with their 95 % band",
                                   "law\tgate\tkeep\testimator\tmi\tmi_se\tfit\tfit_lo\tfit_hi", err);
    if (status != ICL_OK) icl_table_abort(&exponents);
    for (size_t w = 0; status == ICL_OK && w < run->sweeps; w++) {
        const struct icl_sweep *s = &run->sweep[w];
        for (size_t e = 0; s->gate == ICL_GATE_INDEPENDENT && e < ICL_MI_SERIES; e++) {
            struct icl_power_fit fit;
            status = icl_fit_power(&s->mi[e], s->keep, &fit, err);
            if (status != ICL_OK) break;
            icl_table_text(&exponents, s->law->name);
            icl_table_text(&exponents, gate_names[s->gate]);
            icl_table_text(&exponents, s->mi[e].estimator);
            table_interval(&exponents, &fit.exponent);
            table_interval(&exponents, &fit.amplitude);
            for (size_t l = 0; l < fit.levels; l++) {
                name_cells(&curves, s, fit.keep[l]);
                icl_table_text(&curves, s->mi[e].estimator);
                icl_table_number(&curves, fit.level[l]);
                icl_table_number(&curves, fit.se[l]);
                icl_table_number(&curves, fit.curve[l]);
                icl_table_number(&curves, fit.lo[l]);
                icl_table_number(&curves, fit.hi[l]);
            }
        }
    }
    if (status == ICL_OK) status = icl_table_close(&exponents, err);
    if (status == ICL_OK) return icl_table_close(&curves, err);
    icl_table_abort(&exponents);
    icl_table_abort(&curves);
    return status;
}

/* Correlation (every sweep) or entropy of x (sweeps of independent gates) at every keep. */
static icl_status write_scalars(const struct run *run, const char *out, bool entropy, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, entropy ? "entropy" : "correlation",
                       entropy ? "entropy of one neuron, relative to length and point masses at its atoms; "
                                 "entropy_mix is q H + H_b(q)"
                               : "Pearson correlation against keep",
                       entropy ? "law\tgate\tkeep\tentropy\tse\tlo\thi\tentropy_law\tentropy_mix"
                               : "law\tgate\tkeep\tcorr\tse\tlo\thi\tcorr_law",
                       err));
    icl_status status = ICL_OK;
    for (size_t w = 0; status == ICL_OK && w < run->sweeps; w++) {
        const struct icl_sweep *s = &run->sweep[w];
        if (entropy && s->gate != ICL_GATE_INDEPENDENT) continue;
        for (size_t l = 0; status == ICL_OK && l < s->levels; l++) {
            const double keep = s->keep[l];
            const struct icl_quantity_context context = {.keep = s->keep, .at = l};
            struct icl_interval interval;
            double before = NAN, after = NAN;
            status = icl_series_interval(entropy ? &s->entropy : &s->correlation, icl_level_itself, &context, &interval,
                                         err);
            if (status == ICL_OK && entropy) status = s->law->entropy(s->law, &before, err);
            if (status == ICL_OK && entropy) status = s->law->entropy_after(s->law, keep, &after, err);
            if (status != ICL_OK) break;
            name_cells(&table, s, keep);
            table_interval(&table, &interval);
            icl_table_number(&table, entropy ? after : corr_of_theory(s, keep));
            if (entropy) icl_table_number(&table, keep * before + icl_binary_entropy(keep));
        }
    }
    return finish_table(&table, status, err);
}

/* Theory on a fine grid of keeps, for the lines of the figures. */
static icl_status write_curves(const struct run *run, const char *out, struct icl_error *err)
{
    enum { STEPS = 50 };
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, "law_curves", "what theory gives, on a grid of keeps",
                       "law\tgate\tkeep\tmi_law\tmi_ratio_law\tcorr_law", err));
    icl_status status = ICL_OK;
    for (size_t w = 0; status == ICL_OK && w < run->sweeps; w++) {
        const struct icl_sweep *s = &run->sweep[w];
        double before, after;
        status = mi_of_theory(s, 1, &before, err);
        for (int g = 1; status == ICL_OK && g <= STEPS; g++) {
            const double keep = (double)g / STEPS;
            status = mi_of_theory(s, keep, &after, err);
            if (status != ICL_OK) break;
            name_cells(&table, s, keep);
            icl_table_number(&table, after);
            icl_table_number(&table, after / before);
            icl_table_number(&table, corr_of_theory(s, keep));
        }
    }
    return finish_table(&table, status, err);
}

icl_status write_sweep_tables(const struct run *run, const char *out, struct icl_error *err)
{
    if (run->sweeps == 0) return ICL_OK;
    ICL_TRY(write_mi(run, out, false, err));
    ICL_TRY(write_mi(run, out, true, err));
    ICL_TRY(write_fits(run, out, err));
    ICL_TRY(write_scalars(run, out, false, err));
    ICL_TRY(write_scalars(run, out, true, err));
    return write_curves(run, out, err);
}

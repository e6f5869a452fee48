/* report.html: one file that opens without a network. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "core/atomic_file.h"
#include "experiments/evidence_kinds_internal.h"
#include "experiments/report_internal.h"
#include "experiments/run_internal.h"
#include "experiments/training_internal.h"

enum { PATH_SIZE = 4096 };

/* ---- writing -------------------------------------------------------------------------------------------------- */

void html_text(FILE *f, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", f);
            break;
        case '<':
            fputs("&lt;", f);
            break;
        case '>':
            fputs("&gt;", f);
            break;
        case '"':
            fputs("&quot;", f);
            break;
        default:
            fputc(*text, f);
        }
    }
}

static void cell(FILE *f, const char *text)
{
    fputs("<td>", f);
    html_text(f, text);
    fputs("</td>", f);
}

static void base64(FILE *f, const unsigned char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const unsigned a = data[i], b = i + 1 < size ? data[i + 1] : 0, c = i + 2 < size ? data[i + 2] : 0;
        fputc(digits[a >> 2], f);
        fputc(digits[(a & 3) << 4 | b >> 4], f);
        fputc(i + 1 < size ? digits[(b & 15) << 2 | c >> 6] : '=', f);
        fputc(i + 2 < size ? digits[c & 63] : '=', f);
    }
}

/* The picture itself goes into the page, so that it needs no other file. */
static void picture(FILE *f, const char *out, const struct figure *figure)
{
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/figures/%s.svg", out, figure->name) >= PATH_SIZE) return;
    FILE *svg = fopen(path, "rb");
    if (svg == NULL) return;
    fputs("<figure><img alt=\"", f);
    html_text(f, figure->title);
    fputs("\" src=\"data:image/svg+xml;base64,", f);
    unsigned char buffer[3 * 4096]; /* whole groups of three bytes */
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, svg)) > 0;)
        base64(f, buffer, got);
    fclose(svg);
    fputs("\"><figcaption><b>", f);
    html_text(f, figure->title);
    fputs(".</b> ", f);
    html_text(f, figure->caption);
    fprintf(f, " <span class=\"file\">figures/%s.svg</span></figcaption></figure>\n", figure->name);
}

/* ---- verdicts ------------------------------------------------------------------------------------------------- */

static void rule_text(const struct icl_claim *claim, char *buffer, size_t size)
{
    static const char *const sign[] = {[ICL_RULE_EQUAL] = "=",
                                       [ICL_RULE_AT_MOST] = "≤",
                                       [ICL_RULE_AT_LEAST] = "≥",
                                       [ICL_RULE_MEASURE] = "",
                                       [ICL_RULE_ORDER] = ">"};
    if (claim->rule == ICL_RULE_MEASURE)
        snprintf(buffer, size, "–");
    else if (claim->rule == ICL_RULE_ORDER)
        snprintf(buffer, size, "> %g", claim->target);
    else if (claim->rule == ICL_RULE_EQUAL)
        snprintf(buffer, size, "= %g ± %g", claim->target, claim->tolerance);
    else
        snprintf(buffer, size, "%s %g", sign[claim->rule], claim->target);
}

static void verdict_cell(FILE *f, const struct icl_claim *claim, const struct finding *finding)
{
    const char *word = icl_verdict_names[finding->judgement.verdict];
    const char *mark = finding->judgement.verdict == claim->expected && claim->rule != ICL_RULE_ORDER
                           ? " <span title=\"as expected\">✓</span>"
                           : "";
    if (is_surprise(claim, finding)) mark = " <b class=\"surprise\">surprise</b>";
    fprintf(f, "<td class=\"n\"><span class=\"v %s\">%s</span>%s</td>", word, word, mark);
}

static void number_cells(FILE *f, const struct finding *finding)
{
    if (finding->count == 0) {
        fputs("<td></td><td></td><td></td>", f);
        return;
    }
    const struct icl_evidence *e = &finding->evidence[finding->judgement.leading];
    fprintf(f, "<td class=\"n\">%.4f</td><td class=\"n\">[%.4f, %.4f]</td><td class=\"n\">%zu</td>",
            e->interval.estimate, e->interval.lo, e->interval.hi, e->n);
}

/* What every estimator said of a claim, for the section of the claim. */
static void estimator_cell(FILE *f, const struct finding *finding)
{
    fputs("<td class=\"est\">", f);
    for (size_t k = 0; k < finding->count; k++) {
        const struct icl_interval *i = &finding->evidence[k].interval;
        fprintf(f, "%s%s %.4f ± %.4f", k > 0 ? "<br>" : "", finding->evidence[k].estimator, i->estimate,
                (i->hi - i->lo) / 2);
    }
    if (finding->count > 0 && !isnan(finding->judgement.p_adjusted)) {
        const struct icl_evidence *e = &finding->evidence[finding->judgement.leading];
        fprintf(f, "<br>effect size %.2f, p %.4f, by Holm %.4f", e->effect, e->p, finding->judgement.p_adjusted);
    }
    if (finding->judgement.disagreement) fputs("<br><i>their intervals do not all overlap</i>", f);
    if (!isnan(finding->judgement.samples_needed))
        fprintf(f, "<br><i>about %.0f %s would decide</i>", finding->judgement.samples_needed,
                isnan(finding->judgement.p_adjusted) ? "samples" : "seeds");
    fputs("</td>", f);
}

static const char *expected_word(const struct icl_claim *claim)
{
    return claim->rule == ICL_RULE_ORDER && claim->expected == ICL_MEASURED ? "open"
                                                                            : icl_verdict_names[claim->expected];
}

static void summary_table(FILE *f, const struct run *run)
{
    fputs("<p>How to read the table: what is expected of each statement was written down before the run. ✓ means that "
          "the "
          "verdict is the expected one. So <b>fails ✓</b> is no fault of the run: the statement was expected to fail, "
          "for "
          "instance a law of the paper where one of its conditions is not met, and it did. A verdict against the "
          "expectation is marked as <b class=\"surprise\">a surprise</b>. <b>open</b>: nothing was expected, and the "
          "verdict "
          "is the answer of these runs. The letters of the evidence are those of <a href=\"#evidence\">what each claim "
          "stands on</a>.</p>\n",
          f);
    fputs("<table><thead><tr><th>claim</th><th>verdict</th><th>expected</th><th>estimate</th><th>95 % interval</th>"
          "<th>n</th><th>evidence</th><th>statement</th></tr></thead><tbody>\n",
          f);
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        const struct finding *finding = &run->finding[i];
        char letters[EVIDENCE_KINDS + 1];
        if (!finding->selected || finding->later) continue;
        fprintf(f, "<tr><td><a href=\"#%.3s\">", claim->id);
        html_text(f, claim->id);
        fputs("</a></td>", f);
        verdict_cell(f, claim, finding);
        cell(f, expected_word(claim));
        number_cells(f, finding);
        evidence_letters(claim, finding, letters);
        fprintf(f, "<td class=\"n\"><code>%s</code></td>", letters);
        cell(f, claim->statement);
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table>\n", f);
}

/* ---- sections ------------------------------------------------------------------------------------------------- */

static bool belongs(const struct figure *figure, const char *id)
{
    return figure->drawn && strstr(figure->claims, id) != NULL;
}

static bool any_selected(const struct run *run, const char *id)
{
    for (size_t i = 0; i < run->registry.count; i++)
        if (run->finding[i].selected && icl_claim_matches(&run->registry.claim[i], id)) return true;
    return false;
}

/* Whether the networks of a claim were not trained. */
static bool is_later(const struct run *run, const struct claim_text *text)
{
    bool all = true;
    for (size_t i = 0; i < run->registry.count; i++)
        if (run->finding[i].selected && icl_claim_matches(&run->registry.claim[i], text->id))
            all = all && run->finding[i].later;
    return all;
}

/* What was not trained: what it says, and how to ask for it. */
static void later_section(FILE *f, const struct run *run)
{
    bool any = false;
    for (size_t t = 0; t < training_text_count; t++) {
        const struct claim_text *text = &training_texts[t];
        if (!any_selected(run, text->id) || !is_later(run, text)) continue;
        if (!any)
            fputs(
                "<section id=\"later\"><h2>Not in this run</h2>\n<p>These claims compare many networks. Named, or with "
                "<code>--full</code>, they are trained; finished networks are used again.</p>\n"
                "<table><thead><tr><th>claim</th><th>networks</th><th>what it says</th><th>command</th></tr></thead>"
                "<tbody>\n",
                f);
        any = true;
        fprintf(f,
                "<tr id=\"%s\"><td>%s · %s</td><td class=\"n\">%zu</td><td>%s</td><td class=\"n\"><code>iclab verify "
                "%s</code></td></tr>\n",
                text->id, text->id, text->name, training_runs_of(text->id, run->options->full), text->statement,
                text->id);
    }
    if (any) fputs("</tbody></table></section>\n", f);
}

static void claim_section(FILE *f, const struct run *run, const struct claim_text *text, const char *out)
{
    if (!any_selected(run, text->id) || is_later(run, text)) return;
    fprintf(f, "<section id=\"%s\"><h2>%s · %s</h2>\n<p class=\"claim\">%s</p>\n<p>%s</p>\n", text->id, text->id,
            text->name, text->statement, text->why);
    fputs("<table><thead><tr><th>row</th><th>verdict</th><th>rule</th><th>estimators (95 %)</th><th>n</th>"
          "<th>statement</th></tr></thead><tbody>\n",
          f);
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        const struct finding *finding = &run->finding[i];
        if (!finding->selected || !icl_claim_matches(claim, text->id)) continue;
        char rule[64];
        rule_text(claim, rule, sizeof rule);
        fputs("<tr>", f);
        cell(f, claim->id);
        verdict_cell(f, claim, finding);
        fprintf(f, "<td class=\"n\">%s</td>", rule);
        estimator_cell(f, finding);
        fprintf(f, "<td class=\"n\">%zu</td>", finding->count > 0 ? finding->evidence[0].n : 0);
        cell(f, claim->statement);
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table>\n", f);
    for (size_t g = 0; g < run->figures; g++)
        if (belongs(&run->figure[g], text->id)) picture(f, out, &run->figure[g]);
    fprintf(f, "<p><b>What it means.</b> %s</p>\n", text->meaning);
    fprintf(f, "<p class=\"again\">Again: <code>iclab verify %s --%s --seed %llu</code></p></section>\n", text->id,
            run->size->name, (unsigned long long)run->options->seed);
}

/* Levels before the dropout against the truth: each estimator has a bias of its own, which is why claims about MI are
 * judged on ratios and exponents. */
static icl_status levels_section(FILE *f, const struct run *run, struct icl_error *err)
{
    if (run->sweeps == 0) return ICL_OK;
    fputs(
        "<section id=\"levels\"><h2>Levels and their bias</h2>\n<p>Mutual information before the dropout, in nats, by "
        "each estimator, with its difference from the exact value. Bins lose information; neighbours with ties "
        "(Mesner-Shalizi) add about a hundredth on densities. Claims are judged on ratios and exponents, where most "
        "of this cancels.</p>\n<table><thead><tr><th>law</th><th>exact</th>",
        f);
    for (size_t e = 0; e < ICL_MI_SERIES; e++)
        fprintf(f, "<th>%s</th>", run->sweep[0].mi[e].estimator);
    fputs("</tr></thead><tbody>\n", f);
    for (size_t s = 0; s < run->sweeps; s++) {
        const struct icl_sweep *sweep = &run->sweep[s];
        if (sweep->gate != ICL_GATE_INDEPENDENT) continue;
        double truth;
        ICL_TRY(sweep->law->mi(sweep->law, &truth, err));
        fprintf(f, "<tr><td>%s</td><td class=\"n\">%.5f</td>", sweep->law->name, truth);
        for (size_t e = 0; e < ICL_MI_SERIES; e++) {
            struct icl_interval level;
            const struct icl_quantity_context context = {.keep = icl_keeps, .at = 0};
            ICL_TRY(icl_series_interval(&sweep->mi[e], icl_level_itself, &context, &level, err));
            fprintf(f, "<td class=\"n\">%.5f (%+.5f)</td>", level.estimate, level.estimate - truth);
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></section>\n", f);
    return ICL_OK;
}

static void head(FILE *f)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>iclab: which claims "
          "hold</title>"
          "<style>\n"
          "body{font:16px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:70rem;margin:0 auto;"
          "padding:1.5rem}\n"
          "h1{margin:0 0 .3rem}h2{margin:2.5rem 0 .5rem;border-top:2px solid #d0d7de;padding-top:1rem}\n"
          "table{border-collapse:collapse;width:100%;font-size:.84rem;margin:.8rem 0}\n"
          "th{text-align:left;border-bottom:2px solid #57606a;padding:.3rem .5rem}\n"
          "td{border-bottom:1px solid #d8dee4;padding:.3rem .5rem;vertical-align:top}\n"
          ".n{font-variant-numeric:tabular-nums;white-space:nowrap}.est{white-space:nowrap}\n"
          ".v{padding:.05rem .45rem;border-radius:.6rem;color:#fff;white-space:nowrap}\n"
          ".holds{background:#0072b2}.fails{background:#d55e00}.undecided{background:#6e7781}"
          ".measured{background:#008060}.skipped{background:#8c959f}\n"
          ".surprise{color:#b00020}.claim{font-size:1.1rem;font-weight:600}\n"
          "figure{margin:1.2rem 0}figure img{max-width:100%;height:auto;border:1px solid #d8dee4}\n"
          "figcaption{font-size:.88rem;color:#424a53}.file{color:#6e7781}code{background:#f0f2f4;padding:.1rem .3rem}\n"
          ".again,.lead{color:#424a53}@media print{section{break-inside:avoid-page}}\n"
          "</style></head><body>\n",
          f);
}

static void opening(FILE *f, const struct run *run)
{
    size_t count[ICL_VERDICT_COUNT] = {0}, surprises = 0, all = 0;
    for (size_t i = 0; i < run->registry.count; i++) {
        if (!run->finding[i].selected) continue;
        all++;
        count[run->finding[i].judgement.verdict]++;
        surprises += is_surprise(&run->registry.claim[i], &run->finding[i]);
    }
    fprintf(f, "<h1>Which claims hold?</h1>\n%s\n", report_question);
    fprintf(f,
            "<p><b>Of %zu statements %zu hold, %zu fail, %zu stay undecided, %zu are measurements without a claim, %zu "
            "were left out. %s.</b></p>\n",
            all, count[ICL_HOLDS], count[ICL_FAILS], count[ICL_UNDECIDED], count[ICL_MEASURED], count[ICL_SKIPPED],
            surprises == 0 ? "None contradicts what theory expects" : "Some contradict what theory expects: see below");
    fprintf(f, "<p class=\"lead\">iclab %s, %s run, seed %llu; laws: %zu blocks of %zu samples", ICL_VERSION,
            run->size->name, (unsigned long long)run->options->seed, run->size->blocks, run->size->rows);
    if (run->has_neurons)
        fprintf(
            f,
            "; images: %zu of Fashion-MNIST in %zu blocks, 8 channels of 14 x 14, %zu units drawn by the seed among "
            "%zu that are active in at least 5 %% of the images (tables/fmnist_units.tsv)",
            run->neurons.relu.samples, run->neurons.blocks, run->neurons.units, run->neurons.eligible);
    fputs(".</p>\n", f);
    if (run->left_out_count == 0) return;
    fputs("<p><b>Left out:</b></p><ul>", f);
    for (size_t n = 0; n < run->left_out_count; n++) {
        fputs("<li>", f);
        html_text(f, run->left_out[n]);
        fputs("</li>", f);
    }
    fputs("</ul>\n", f);
}

static icl_status write_page(FILE *f, const struct run *run, const char *out, struct icl_error *err)
{
    head(f);
    opening(f, run);
    summary_table(f, run);
    report_evidence(f, run);
    for (size_t g = 0; g < run->figures; g++)
        if (belongs(&run->figure[g], "all")) picture(f, out, &run->figure[g]);
    for (size_t t = 0; t < claim_text_count; t++)
        claim_section(f, run, &claim_texts[t], out);
    report_trained(f, run);
    for (size_t t = 0; t < training_text_count; t++)
        claim_section(f, run, &training_texts[t], out);
    later_section(f, run);
    ICL_TRY(levels_section(f, run, err));
    fprintf(f, "%s\n</body></html>\n", report_method);
    return ICL_OK;
}

icl_status write_report(const struct run *run, const char *out, struct icl_error *err)
{
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/report.html", out) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
    struct icl_atomic_file file;
    ICL_TRY(icl_atomic_open(&file, path, err));
    const icl_status status = write_page(file.stream, run, out, err);
    if (status == ICL_OK) return icl_atomic_commit(&file, err);
    icl_atomic_abort(&file);
    return status;
}

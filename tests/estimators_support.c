#include "tests/estimators_support.h"

#include <gsl/gsl_sf_psi.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiments/laws.h"
#include "tests/enclosures.h"

static struct icl_workspace *workspace;

static void free_scratch(void)
{
    icl_workspace_free(workspace);
}

struct icl_workspace *scratch(void)
{
    if (workspace == NULL) {
        assert_int_equal(icl_workspace_create(&workspace, NULL), ICL_OK);
        assert_int_equal(atexit(free_scratch), 0);
    }
    return workspace;
}

double *take_doubles(size_t n)
{
    double *memory = ICL_TAKE(scratch(), n, double);
    assert_non_null(memory);
    return memory;
}

uint32_t *take_words(size_t n)
{
    uint32_t *memory = ICL_TAKE(scratch(), n, uint32_t);
    assert_non_null(memory);
    return memory;
}

struct icl_column column_of(const double *value, size_t n)
{
    struct icl_column column;
    assert_int_equal(icl_column_prepare(&column, value, n, 1, scratch(), NULL), ICL_OK);
    return column;
}

struct icl_mi_result result_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options)
{
    struct icl_error err = {0};
    struct icl_mi_result result;
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    const icl_status status = icl_mi_pair(&cx, &cy, options, scratch(), &result, &err);
    icl_column_free(&cx);
    icl_column_free(&cy);
    if (status != ICL_OK) fail_msg("icl_mi_pair: %s", err.message);
    return result;
}

double mi_of(const double *x, const double *y, size_t n, enum icl_mi_estimator estimator, unsigned k)
{
    return result_of(x, y, n, &(struct icl_mi_options){.estimator = estimator, .k = k}).mi;
}

/* ---- seeds ---------------------------------------------------------------------------------------------------- */

void summary_add(struct summary *summary, double value)
{
    summary->count++;
    const double step = value - summary->mean;
    summary->mean += step / summary->count;
    summary->squares += step * (value - summary->mean);
}

double summary_sd(const struct summary *summary)
{
    return sqrt(summary->squares / (summary->count - 1));
}

double summary_error(const struct summary *summary)
{
    return summary_sd(summary) / sqrt(summary->count);
}

/* ---- samples -------------------------------------------------------------------------------------------------- */

/* Far from the layers of the laws of the registry. */
enum { TEST_LAYER = 1 << 20 };

struct icl_stream test_stream(uint64_t seed, uint32_t role)
{
    return (struct icl_stream){seed, ICL_PURPOSE_LAW, TEST_LAYER + role, 0};
}

void draw_normal(uint64_t seed, uint32_t role, size_t n, double *out)
{
    const struct icl_stream stream = test_stream(seed, role);
    icl_random_normal(&stream, 0, n, out);
}

void draw_uniform(uint64_t seed, uint32_t role, size_t n, double *out)
{
    const struct icl_stream stream = test_stream(seed, role);
    icl_random_uniform(&stream, 0, n, out);
}

enum { ROLE_X = 100, ROLE_Y, ROLE_GATE_X, ROLE_GATE_Y };

void draw_pair(const struct pair_law *law, uint64_t seed, size_t n, double *x, double *y)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *gate_x = take_doubles(n), *gate_y = take_doubles(n);
    draw_normal(seed, ROLE_X, n, x);
    draw_normal(seed, ROLE_Y, n, y);
    draw_uniform(seed, ROLE_GATE_X, n, gate_x);
    draw_uniform(seed, law->gate == ICL_GATE_SHARED ? ROLE_GATE_X : ROLE_GATE_Y, n, gate_y);
    const double other = sqrt(1 - law->rho * law->rho);
    for (size_t i = 0; i < n; i++) {
        y[i] = law->rho * x[i] + other * y[i];
        if (law->relu) {
            x[i] = fmax(x[i], 0);
            y[i] = fmax(y[i], 0);
        }
        /* a product, as in a network: closed gates on negative values give -0.0 */
        x[i] *= gate_x[i] < law->keep ? 1 : 0;
        y[i] *= gate_y[i] < law->keep ? 1 : 0;
    }
    icl_workspace_release(scratch(), mark);
}

double true_mi(const struct pair_law *law)
{
    const char *name = law->relu ? "relu" : "gauss";
    char parameter[32];
    snprintf(parameter, sizeof parameter, "rho=%g", law->rho);
    double mi = find_enclosure(name, parameter, law->gate, law->keep, "mi");
    if (!isnan(mi)) return mi;
    struct icl_law exact = *icl_law_by_name(name);
    exact.rho = law->rho;
    struct icl_error err = {0};
    const icl_status status =
        law->keep < 1 ? exact.mi_after(&exact, law->gate, law->keep, &mi, &err) : exact.mi(&exact, &mi, &err);
    if (status != ICL_OK) fail_msg("no exact value: %s", err.message);
    return mi;
}

/* ---- the plain way -------------------------------------------------------------------------------------------- */

double psi_of(size_t n)
{
    return gsl_sf_psi_int((int)n);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void plain_sort(const double *x, size_t n, double *sorted)
{
    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, by_value);
}

double plain_radius(const double *const *at, unsigned d, size_t n, size_t i, unsigned k)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *distance = take_doubles(n);
    size_t others = 0;
    for (size_t j = 0; j < n; j++) {
        if (j == i) continue;
        double largest = 0;
        for (unsigned a = 0; a < d; a++)
            largest = fmax(largest, fabs(at[a][j] - at[a][i]));
        distance[others++] = largest;
    }
    qsort(distance, others, sizeof *distance, by_value);
    const double radius = distance[k - 1];
    icl_workspace_release(scratch(), mark);
    return radius;
}

size_t plain_count(const double *x, size_t n, size_t i, double r, bool strict)
{
    size_t count = 0;
    for (size_t j = 0; j < n; j++) {
        if (j == i) continue;
        const double distance = fabs(x[j] - x[i]);
        count += strict ? distance < r : distance <= r;
    }
    return count;
}

void plain_standardise(const double *x, size_t n, double *z)
{
    long double mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++)
        mean += (long double)x[i] / (long double)n;
    for (size_t i = 0; i < n; i++)
        variance += (x[i] - mean) * (x[i] - mean) / (long double)n;
    const long double sd = sqrtl(variance);
    for (size_t i = 0; i < n; i++)
        z[i] = (double)((x[i] - mean) / sd);
}

size_t plain_depth(const double *x, const bool *member, size_t n, size_t i)
{
    long double mean = 0;
    double low = x[0], high = x[0];
    for (size_t j = 0; j < n; j++) {
        mean += (long double)x[j] / (long double)n;
        low = fmin(low, x[j]);
        high = fmax(high, x[j]);
    }
    const bool from_top = high - mean > mean - low;
    size_t nearer = 0;
    for (size_t j = 0; j < n; j++)
        if (member == NULL || member[j]) nearer += from_top ? x[j] > x[i] : x[j] < x[i];
    return nearer;
}

double plain_table(const uint64_t *count, size_t rows, size_t cols)
{
    double total = 0, sum = 0, joint = 0, kx = 0, ky = 0;
    for (size_t c = 0; c < rows * cols; c++)
        total += (double)count[c];
    for (size_t i = 0; i < rows; i++) {
        double row = 0;
        for (size_t j = 0; j < cols; j++)
            row += (double)count[i * cols + j];
        kx += row > 0;
        for (size_t j = 0; j < cols; j++) {
            const double here = (double)count[i * cols + j];
            double col = 0;
            for (size_t r = 0; r < rows; r++)
                col += (double)count[r * cols + j];
            ky += i == 0 && col > 0;
            if (here == 0) continue;
            sum += here / total * log(here * total / (row * col));
            joint += 1;
        }
    }
    return sum - (joint - kx - ky + 1) / (2 * total);
}

double plain_tc_ksg1(const double *const *at, unsigned d, size_t n, unsigned k)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double r = plain_radius(at, d, n, i, k);
        for (unsigned a = 0; a < d; a++)
            sum += psi_of(plain_count(at[a], n, i, r, true) + 1);
    }
    return psi_of(k) + (d - 1) * psi_of(n) - sum / (double)n;
}

double plain_ksg1(const double *x, const double *y, size_t n, unsigned k)
{
    return plain_tc_ksg1((const double *const[]){x, y}, 2, n, k);
}

double plain_total_correlation(const double *const *at, unsigned d, size_t n, unsigned k)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double r = plain_radius(at, d, n, i, k);
        size_t tied = 0;
        for (size_t j = 0; j < n; j++) {
            double distance = 0;
            for (unsigned a = 0; a < d; a++)
                distance = fmax(distance, fabs(at[a][j] - at[a][i]));
            tied += j != i && distance <= r;
        }
        sum += psi_of(tied) + (d - 1) * psi_of(n);
        for (unsigned a = 0; a < d; a++)
            sum -= psi_of(plain_count(at[a], n, i, r, false));
    }
    return sum / (double)n;
}

double plain_ross(const double *x, const uint32_t *label, size_t n, unsigned k)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *kept = take_doubles(n), *own = take_doubles(n);
    uint32_t *label_kept = take_words(n);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        size_t size = 0;
        for (size_t j = 0; j < n; j++)
            size += label[j] == label[i];
        if (size < 2) continue;
        label_kept[m] = label[i];
        kept[m++] = x[i];
    }
    double sum = 0;
    for (size_t i = 0; i < m; i++) {
        size_t size = 0, here = 0;
        for (size_t j = 0; j < m; j++) {
            if (label_kept[j] != label_kept[i]) continue;
            if (j == i) here = size;
            own[size++] = kept[j];
        }
        const unsigned ki = size - 1 < k ? (unsigned)(size - 1) : k;
        const double *const at[] = {own};
        const double radius = plain_radius(at, 1, size, here, ki);
        sum += psi_of(plain_count(own, size, here, radius, false)) - psi_of(size);
        sum -= psi_of(plain_count(kept, m, i, radius, false));
    }
    icl_workspace_release(scratch(), mark);
    return psi_of(m) + sum / (double)m;
}

/* ---- answers -------------------------------------------------------------------------------------------------- */

enum { MAX_SAMPLES = 32, LINE_SIZE = 1024 };

static struct {
    char name[NAME_SIZE];
    double value[SAMPLES];
} stored[MAX_SAMPLES];

static FILE *open_vectors(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) fail_msg("%s: not there (tests run from the top of the tree)", path);
    return file;
}

static size_t split(char *line, char **cell, size_t most)
{
    size_t cells = 0;
    char *rest;
    for (char *at = strtok_r(line, "\t\n", &rest); at != NULL && cells < most; at = strtok_r(NULL, "\t\n", &rest))
        cell[cells++] = at;
    return cells;
}

static void read_samples(void)
{
    FILE *file = open_vectors("tests/vectors/samples.tsv");
    char line[LINE_SIZE], *cell[MAX_SAMPLES];
    size_t cells = 0, row = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#') continue;
        const size_t here = split(line, cell, MAX_SAMPLES);
        if (cells == 0) {
            for (cells = here; row < cells; row++)
                snprintf(stored[row].name, NAME_SIZE, "%s", cell[row]);
            row = 0;
            continue;
        }
        assert_int_equal(here, cells);
        assert_in_range(row, 0, SAMPLES - 1);
        for (size_t c = 0; c < cells; c++)
            stored[c].value[row] = strtod(cell[c], NULL);
        row++;
    }
    fclose(file);
    assert_int_equal(row, SAMPLES);
}

const double *stored_sample(const char *name)
{
    if (stored[0].name[0] == '\0') read_samples();
    for (size_t c = 0; c < MAX_SAMPLES; c++)
        if (strcmp(stored[c].name, name) == 0) return stored[c].value;
    fail_msg("samples.tsv has no column %s", name);
    return NULL;
}

void for_each_answer_in(const char *path, const char *estimator, void (*check)(const struct answer *answer))
{
    FILE *file = open_vectors(path);
    char line[LINE_SIZE];
    unsigned found = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        struct answer answer;
        char value[NAME_SIZE];
        if (sscanf(line, "%31[^\t] %31[^\t] %31[^\t] %u %31[^\t]", answer.estimator, answer.x, answer.y, &answer.k,
                   value) != 5)
            continue;
        answer.value = strtod(value, NULL);
        if (strcmp(answer.estimator, estimator) != 0) continue;
        found++;
        check(&answer);
    }
    fclose(file);
    if (found == 0) fail_msg("%s has no answer for %s", path, estimator);
}

void for_each_answer(const char *estimator, void (*check)(const struct answer *answer))
{
    for_each_answer_in("tests/vectors/estimates.tsv", estimator, check);
}

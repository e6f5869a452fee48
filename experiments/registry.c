#include "experiments/registry.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/table.h"

extern const char icl_claims_tsv[]; /* embedded at build */

enum { COLUMNS = 11 };
static const char NAMES[] = "id\tname\tsource\tstatement\tlaw\tquantity\trule\ttolerance\texpected\ttheorem\tenclosure";

/* Cuts the text at its next tab or end and steps behind it. */
static char *next_cell(char **rest)
{
    return strsep(rest, "\t");
}

static const struct {
    const char *sign;
    enum icl_rule rule;
} rules[] = {{"= ", ICL_RULE_EQUAL},
             {"<= ", ICL_RULE_AT_MOST},
             {">= ", ICL_RULE_AT_LEAST},
             {"measure", ICL_RULE_MEASURE},
             {"> ", ICL_RULE_ORDER}};

static bool parse_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

static bool parse_rule(const char *text, struct icl_claim *claim)
{
    for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++) {
        const size_t length = strlen(rules[r].sign);
        if (strncmp(text, rules[r].sign, length) != 0) continue;
        claim->rule = rules[r].rule;
        claim->target = NAN;
        return claim->rule == ICL_RULE_MEASURE ? text[length] == '\0' : parse_number(text + length, &claim->target);
    }
    return false;
}

static bool parse_expected(const char *text, enum icl_verdict *expected)
{
    for (int v = 0; v < ICL_VERDICT_COUNT; v++) {
        if (strcmp(text, icl_verdict_names[v]) != 0) continue;
        *expected = (enum icl_verdict)v;
        return v == ICL_HOLDS || v == ICL_FAILS || v == ICL_MEASURED;
    }
    return false;
}

static icl_status parse_line(char *line, size_t number, struct icl_claim *claim, struct icl_error *err)
{
    char *cell[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++) {
        cell[c] = next_cell(&line);
        if (cell[c] == NULL || cell[c][0] == '\0')
            return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: line %zu: column %zu is missing", number, c + 1);
    }
    if (line != NULL)
        return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: line %zu: more than %d columns", number, COLUMNS);
    *claim = (struct icl_claim){.id = cell[0],
                                .name = cell[1],
                                .source = cell[2],
                                .statement = cell[3],
                                .law = cell[4],
                                .quantity = cell[5],
                                .theorem = cell[9],
                                .enclosure = cell[10]};
    if (!parse_rule(cell[6], claim))
        return icl_fail(err, ICL_ERR_INPUT,
                        "claims.tsv: line %zu: rule '%s' is none of '= x', '<= x', '>= x', '> x', 'measure'", number,
                        cell[6]);
    if (!parse_number(cell[7], &claim->tolerance) || claim->tolerance < 0)
        return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: line %zu: tolerance '%s' is not a number from 0 up", number,
                        cell[7]);
    const bool open = claim->rule == ICL_RULE_ORDER; /* nobody need expect anything of it */
    if (!parse_expected(cell[8], &claim->expected) ||
        (!open && (claim->expected == ICL_MEASURED) != (claim->rule == ICL_RULE_MEASURE)) ||
        (open && claim->tolerance > 0))
        return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: line %zu: '%s' cannot be expected of rule '%s'", number,
                        cell[8], cell[6]);
    return ICL_OK;
}

static icl_status append(struct icl_registry *registry, const struct icl_claim *claim, size_t number,
                         struct icl_error *err)
{
    for (size_t i = 0; i < registry->count; i++)
        if (strcmp(registry->claim[i].id, claim->id) == 0)
            return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: line %zu: '%s' stands there twice", number, claim->id);
    struct icl_claim *longer = realloc(registry->claim, (registry->count + 1) * sizeof *longer);
    if (longer == NULL) return icl_fail_memory(err, "the registry");
    longer[registry->count++] = *claim;
    registry->claim = longer;
    return ICL_OK;
}

static icl_status parse_lines(struct icl_registry *registry, struct icl_error *err)
{
    bool names_seen = false;
    char *rest = registry->text, *line;
    for (size_t number = 1; (line = strsep(&rest, "\n")) != NULL; number++) {
        if (line[0] == '#' || line[0] == '\0') continue;
        if (!names_seen) {
            if (strcmp(line, NAMES) != 0)
                return icl_fail(err, ICL_ERR_INPUT,
                                "claims.tsv: line %zu: the column names are not those of a registry", number);
            names_seen = true;
            continue;
        }
        struct icl_claim claim;
        ICL_TRY(parse_line(line, number, &claim, err));
        ICL_TRY(append(registry, &claim, number, err));
    }
    return registry->count > 0 ? ICL_OK : icl_fail(err, ICL_ERR_INPUT, "claims.tsv: no claim in it");
}

icl_status icl_registry_parse(const char *text, struct icl_registry *registry, struct icl_error *err)
{
    *registry = (struct icl_registry){NULL, 0, strdup(text)};
    if (registry->text == NULL) return icl_fail_memory(err, "the registry");
    const icl_status status = parse_lines(registry, err);
    if (status != ICL_OK) icl_registry_free(registry);
    return status;
}

icl_status icl_registry_load(struct icl_registry *registry, struct icl_error *err)
{
    return icl_registry_parse(icl_claims_tsv, registry, err);
}

void icl_registry_free(struct icl_registry *registry)
{
    free(registry->claim);
    free(registry->text);
    *registry = (struct icl_registry){0};
}

bool icl_claim_matches(const struct icl_claim *claim, const char *wanted)
{
    const size_t length = strlen(wanted);
    if (length == 0 || strncmp(claim->id, wanted, length) != 0) return false;
    return claim->id[length] == '\0' || claim->id[length] == '.';
}

double icl_quantity_keep(const char *quantity)
{
    const char *at = strchr(quantity, '@');
    double keep;
    return at != NULL && parse_number(at + 1, &keep) ? keep : NAN;
}

/* ---- printing ------------------------------------------------------------------------------------------------- */

static void rule_text(const struct icl_claim *claim, char *buffer, size_t size)
{
    for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++) {
        if (rules[r].rule != claim->rule) continue;
        if (claim->rule == ICL_RULE_MEASURE)
            snprintf(buffer, size, "%s", rules[r].sign);
        else
            snprintf(buffer, size, "%s%g", rules[r].sign, claim->target);
    }
}

static icl_status print_json(FILE *stream, const struct icl_registry *registry, struct icl_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < registry->count; i++) {
        const struct icl_claim *c = &registry->claim[i];
        char rule[64];
        rule_text(c, rule, sizeof rule);
        json_array_append_new(list, json_pack("{ss ss ss ss ss ss ss sf ss ss ss}", "id", c->id, "name", c->name,
                                              "source", c->source, "statement", c->statement, "law", c->law, "quantity",
                                              c->quantity, "rule", rule, "tolerance", c->tolerance, "expected",
                                              icl_verdict_names[c->expected], "theorem", c->theorem, "enclosure",
                                              c->enclosure));
    }
    const bool written = list != NULL && json_dumpf(list, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0 &&
                         fputc('\n', stream) != EOF;
    json_decref(list);
    return written ? ICL_OK : icl_fail(err, ICL_ERR_IO, "standard output: the registry could not be written");
}

static icl_status print_tsv(FILE *stream, const struct icl_registry *registry, struct icl_error *err)
{
    fprintf(stream, "# the claims of iclab, one row for each (claim, law, quantity); MI and entropies in nats\n%s\n",
            NAMES);
    for (size_t i = 0; i < registry->count; i++) {
        const struct icl_claim *c = &registry->claim[i];
        char rule[64];
        rule_text(c, rule, sizeof rule);
        fprintf(stream, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%g\t%s\t%s\t%s\n", c->id, c->name, c->source, c->statement, c->law,
                c->quantity, rule, c->tolerance, icl_verdict_names[c->expected], c->theorem, c->enclosure);
    }
    return fflush(stream) == 0 && !ferror(stream)
               ? ICL_OK
               : icl_fail(err, ICL_ERR_IO, "standard output: the registry could not be written");
}

icl_status icl_claims_print(FILE *stream, const char *format, struct icl_error *err)
{
    struct icl_registry registry;
    ICL_TRY(icl_registry_load(&registry, err));
    const icl_status status =
        strcmp(format, "json") == 0 ? print_json(stream, &registry, err) : print_tsv(stream, &registry, err);
    icl_registry_free(&registry);
    return status;
}

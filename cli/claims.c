/* iclab claims: the registry. */
#include "cli/common.h"
#include "experiments/registry.h"

struct settings {
    enum cli_format format;
};

static const struct settings defaults = {CLI_TSV};
static const char *const formats[] = {"tsv", "json", NULL};

static const struct icl_option options[] = {
    ICL_CHOICE_OPTION("format", 'f', struct settings, format, formats, "table or JSON"),
};

static const struct icl_command command = {
    .name = "iclab claims",
    .summary = "Prints the registry of claims.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

icl_status cli_claims(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, NULL, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    return icl_claims_print(stdout, formats[settings.format], err);
}

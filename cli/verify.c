/* iclab verify: checks the claims. */
#include "cli/common.h"
#include "experiments/verify.h"

struct settings {
    const char *out;
    bool quick, full, resume, quiet;
    uint64_t seed, threads;
};

static const struct settings defaults = {.out = "results", .seed = 1};

static const struct icl_option options[] = {
    ICL_STRING_OPTION("out", 'o', "DIR", struct settings, out, "the folder of tables, figures and report"),
    ICL_FLAG_OPTION("quick", 0, struct settings, quick, "enough samples for every verdict (this is the default)"),
    ICL_FLAG_OPTION("full", 0, struct settings, full, "many more samples"),
    ICL_FLAG_OPTION("resume", 0, struct settings, resume,
                    "keep finished pieces in DIR/pieces and use those that are there"),
    ICL_FLAG_OPTION("quiet", 0, struct settings, quiet, "no progress"),
    CLI_SEED_OPTION(struct settings, seed),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab verify",
    .positionals = "[CLAIM...]",
    .summary = "Checks the claims named (all by default) and writes tables, figures and report.html.",
    .most_positionals = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] = "CLAIM is an id of `iclab claims`, or the front of one up to a dot: c01, c01.gauss. Exit "
                            "status 1: a claim surprised;\n"
                            "`undecided` is no surprise.\n";

icl_status cli_verify(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    if (settings.quick && settings.full) return icl_fail(err, ICL_ERR_USAGE, "--quick and --full exclude each other");
    const struct icl_verify_options verify = {
        .out = settings.out,
        .full = settings.full,
        .seed = settings.seed,
        .threads = (unsigned)settings.threads,
        .resume = settings.resume,
        .quiet = settings.quiet,
        .claims = (const char *const *)arguments.items,
        .claim_count = arguments.count,
        .command = call->line,
    };
    bool surprised = false;
    ICL_TRY(icl_verify(&verify, stdout, &surprised, err));
    call->exit_code = surprised ? 1 : 0;
    return ICL_OK;
}

/* The tables of pairs of a trained network without a registry: a run that has nothing but its panels. */
#include "experiments/trained_pairs.h"

#include <stdlib.h>

#include "experiments/tables_internal.h"
#include "experiments/training_internal.h"

static const struct run_size size = {.name = "trained-pairs", .blocks = 0};

static icl_status measure(struct run *run, const struct icl_trained_pairs_options *options, struct icl_error *err)
{
    static const char *const names[MOST_STAGES] = {"trained-unit1", "trained-unit2", "trained-unit3", "trained-unit4",
                                                   "trained-unit5", "trained-unit6", "trained-unit7", "trained-unit8"};
    ICL_TRY(trained_network_measure(options->run, options->root, options->seed, TRAINED_BLOCKS, options->threads,
                                    &run->network, err));
    for (size_t k = 0; k < run->network.stages; k++) {
        if (!run->network.stage[k].has_neurons) continue;
        ICL_TRY(icl_panel_create(&run->panel[run->panels], names[k], &run->network.stage[k].neurons,
                                 ICL_READING_POSITION, ICL_NORM_TRAINED, ICL_GATE_INDEPENDENT, true, err));
        run->panels++;
    }
    if (run->panels == 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: no stage with batch norm, dropout and active units", options->run);
    ICL_TRY(make_tables_folder(options->out, err));
    ICL_TRY(do_jobs(run, options->out, err));
    return write_trained_tables(run, options->out, err);
}

icl_status icl_trained_pairs_write(const struct icl_trained_pairs_options *options, struct icl_error *err)
{
    const struct icl_verify_options verify = {
        .seed = options->seed, .threads = options->threads, .quiet = options->quiet, .command = options->command};
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) return icl_fail_memory(err, "a run");
    run->options = &verify;
    run->size = &size;
    const icl_status status = measure(run, options, err);
    for (size_t p = 0; p < run->panels; p++)
        icl_panel_free(&run->panel[p]);
    trained_network_free(&run->network);
    free(run);
    return status;
}

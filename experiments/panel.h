/* Panels: neurons of real images behind the first stage, before and after dropout, all pairs.
 *
 * Activations come from images through conv 5x5 / stride 2 / ReLU (trainer/first_stage.h), then pass the fused IC
 * kernel: a normalisation and a gate. "Neuron" is read in two ways: a channel (its positions are samples) or a position
 * (one unit; the images are samples). Blocks are disjoint sets of images, so that they are independent although the
 * positions of an image are not. */
#ifndef ICLAB_EXPERIMENTS_PANEL_H
#define ICLAB_EXPERIMENTS_PANEL_H

#include "experiments/series.h"
#include "kernels/kernels.h"
#include "trainer/first_stage.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_reading { ICL_READING_CHANNEL, ICL_READING_POSITION, ICL_READING_COUNT };

/* What stands between ReLU and the dropout. */
enum icl_normalisation {
    ICL_NORM_NONE,    /* dropout straight after ReLU */
    ICL_NORM_CHANNEL, /* batch norm as a convolution has it: statistics of the channel over all positions */
    ICL_NORM_UNIT,    /* batch norm of every (channel, position) by itself */
    ICL_NORM_TRAINED, /* the batch norm of a trained network as it is evaluated */
    ICL_NORM_COUNT
};

/* keep = 1 .95 .8 .5; level 0 is before the dropout. */
enum { ICL_PANEL_KEEPS = 4, ICL_PANEL_UNITS = 32, ICL_PANEL_POSITIONS = 3, ICL_PANEL_BINS = 6 };
extern const double icl_panel_keeps[ICL_PANEL_KEEPS];

/* The neurons of one run, shared by its panels. */
struct icl_neurons {
    struct icl_activation relu; /* after ReLU, NHWC */
    uint64_t seed;
    size_t blocks, images;                                /* images a block; blocks * images <= relu.samples */
    size_t unit[ICL_PANEL_UNITS];                         /* drawn units: position * channels + channel */
    double activity[ICL_PANEL_UNITS];                     /* share of the images in which the unit is above 0 */
    size_t units, eligible;                               /* drawn; active in at least 5 % of the images */
    float *scale[ICL_NORM_COUNT], *shift[ICL_NORM_COUNT]; /* one a unit of the sample (positions * channels) */
    uint32_t stage; /* which stage of a trained network, from 1: a stream of gates of its own */
};

/* Draws the units by the seed and takes the normalisation statistics over all images. Takes ownership of `relu`, also
 * on failure. Too few active units or images: ICL_ERR_INPUT. */
icl_status icl_neurons_create(struct icl_neurons *neurons, struct icl_activation *relu, uint64_t seed, size_t blocks,
                              struct icl_error *err);
/* The same of a stage of a trained network: `scale` and `shift` of its batch norm by channel become ICL_NORM_TRAINED,
 * and two active units are enough, so that *units may be below ICL_PANEL_UNITS. stage from 1. */
icl_status icl_neurons_create_trained(struct icl_neurons *neurons, struct icl_activation *relu, const float *scale,
                                      const float *shift, uint32_t stage, uint64_t seed, size_t blocks,
                                      struct icl_error *err);
void icl_neurons_free(struct icl_neurons *neurons);

struct icl_bins;

struct icl_panel {
    const char *name; /* the law column of the registry */
    const struct icl_neurons *neurons;
    enum icl_reading reading;
    enum icl_normalisation norm;
    enum icl_gate gate;
    bool with_mi, with_neighbours; /* pairwise MI at all; by Mesner-Shalizi as well */
    size_t d, pairs, rows;         /* neurons, d (d-1) / 2, samples a block */
    /* block vectors hold levels x pairs: decomposition, plug-in tables, Mesner-Shalizi */
    struct icl_series mi[ICL_MI_SERIES];
    size_t mi_count;
    struct icl_series moments; /* ICL_PANEL_KEEPS moments of moments.h; levels are set by the claim that asks */
    struct icl_bins *bins;     /* d of them, fixed on block 0 before the dropout */
};

/* Pair number of (i,j), i<j, in the order (0,1), (0,2), ..., (1,2), ... */
void icl_pair_of(size_t pair, size_t d, size_t *i, size_t *j);

/* Whether the two neurons of a pair sit in one channel (position reading). */
bool icl_panel_same_channel(const struct icl_panel *panel, size_t pair);

icl_status icl_panel_create(struct icl_panel *panel, const char *name, const struct icl_neurons *neurons,
                            enum icl_reading reading, enum icl_normalisation norm, enum icl_gate gate, bool with_mi,
                            struct icl_error *err);
void icl_panel_free(struct icl_panel *panel);

/* One unit of work: block b at keep number `keep`. Independent of all others. */
icl_status icl_panel_work(struct icl_panel *panel, size_t b, size_t keep, struct icl_workspace *workspace,
                          struct icl_error *err);

/* Mean MI (or its table's) of every pair at every keep: out[keep * pairs + pair]. */
icl_status icl_panel_pair_means(const struct icl_panel *panel, const struct icl_series *series, double *out,
                                struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif

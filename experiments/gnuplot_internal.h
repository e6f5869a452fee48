/* gnuplot and the scripts of plots/: where they are, and drawing one. */
#ifndef ICLAB_EXPERIMENTS_GNUPLOT_INTERNAL_H
#define ICLAB_EXPERIMENTS_GNUPLOT_INTERNAL_H

#include <stdbool.h>

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum { PLOTS_PATH = 4096 };

/* Fills `folder` with that of the scripts. NULL, or what is missing and how to get it. */
const char *find_plots(char folder[PLOTS_PATH]);

/* Draws FOLDER/NAME.gp from the tables of `out` into its figures/. False: gnuplot found nothing to draw, or failed. */
bool draw_script(const char *folder, const char *name, const char *out);

#pragma GCC visibility pop

#endif

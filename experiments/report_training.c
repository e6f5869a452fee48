/* The training part of the report: what was trained, and the words on c10 to c22. HTML. */
#include <math.h>

#include "experiments/report_internal.h"
#include "experiments/training_internal.h"

const struct claim_text training_texts[] = {
    {"c10", "inputs of one sign",
     "BN before ReLU feeds the weights inputs that are not negative; IC feeds them centred ones.",
     "For one image the gradients of all weights of an output unit have the sign of what comes back to it, if their "
     "inputs "
     "are all positive. Over a batch and the places of an image this averages out in part. The sign agreement is the "
     "share "
     "of the pairs of weights of an output unit whose gradients have one sign: 1 if all agree, 1/2 if signs are fair "
     "and "
     "independent. The shift is |mean| / sd of the inputs by channel.",
     "The inputs differ as the paper says: behind ReLU their mean is a good part of their sd, behind BN it is near 0. "
     "What "
     "it does to the signs of whole batches is small in the convolutions and largest in the last, linear layer. One "
     "network of "
     "each order is looked at; the intervals are over batches."},
    {"c11", "pairs of a trained network", "c01, c02 and c09 on pairs of units of a trained network.",
     "Validation images go through the thread's net, trained with IC, as it is evaluated. 32 units (place and channel) "
     "of each "
     "stage are taken behind its trained batch norm, and independent gates of our own are put behind them. The "
     "quadratic "
     "law holds for any pair without an atom at 0, and the trained norm moves ReLU's atom away from 0; the full "
     "formula of "
     "the correlation holds always. So both must hold here if the activations are what theory takes them for. The "
     "plain "
     "factor keep of the correlation needs units that are centred, and how far they are is measured.",
     "Training changes nothing of the laws: mutual information falls as the square of keep in every stage. "
     "Correlations fall by "
     "more than keep where units have means of their own, most in the first stage, not in the last, whose 1 × 1 image "
     "makes "
     "channel and unit the same. A drop of .05 takes the worst of the ill conditioning away; at evaluation it is "
     "back."},
    {"c12", "the limit", "IC ends at a higher accuracy than conv, BN, ReLU.",
     "Same data, same order of the images, same recipe, same seeds for both: the difference is taken within each seed, "
     "and "
     "its interval is Student's over the seeds. Orders of a run are decided together (Holm), so that testing many does "
     "not "
     "find one by luck.",
     "An order that holds here holds for this network, these data and this number of epochs, not for every training."},
    {"c13", "the speed", "IC reaches an accuracy in fewer epochs.",
     "Epochs to a validation accuracy of .85, linear between epochs; and the mean accuracy over the epochs, which "
     "needs no "
     "level.",
     "The level was fixed before the runs. A run that does not reach it counts one epoch more than it has."},
    {"c14", "the stability", "Results of IC vary less from seed to seed.",
     "The variance of the final accuracy of conv, BN, ReLU over that of IC, with the interval and the test of Pitman "
     "and "
     "Morgan, for pairs that share the seed (they assume normal accuracies).",
     "A ratio of variances needs many seeds: with ten of them, only a ratio of about 4 to 6 is told from 1."},
    {"c15", "synergy", "BN and dropout together gain more than the gains of each alone.",
     "Four networks at one learning rate that trains all of them: neither, BN, dropout, both. Synergy is both − BN − "
     "dropout + neither.",
     "The order of the layers is that of IC in all four: ReLU first."},
    {"c16", "the drop rate", "The best drop rate is .03, below the paper's .05 to .10.",
     "IC at six rates. The best is that of the highest mean accuracy, its interval the percentiles of a bootstrap over "
     "the "
     "seeds.",
     "Rates near the best differ by less than seeds do: the interval says how far the choice is decided."},
    {"c17", "validation and training", "With IC validation accuracy is at or above training accuracy.",
     "Training accuracy as it is usually shown is taken while the network learns and with its gates drawn; both lower "
     "it. "
     "Taken of the finished network with the gates open it is comparable.",
     "Where the difference changes its sign with the mode, it was the mode, not the network. With one network the "
     "interval is "
     "that of the images (binomial)."},
    {"c18", "do the curves tell?", "Means and sds of the activations tell the accuracy.",
     "Rank correlation over runs between three summaries of the last recorded activations and the final accuracy; once "
     "over "
     "all runs, once among runs of one condition, where differences between the conditions are gone.",
     "The thread found that the curves did not predict the result. A correlation over all runs may only say that "
     "conditions "
     "differ in both."},
    {"c19", "spread and divergence", "A large spread of the sds early on foretells divergence.",
     "Learning rates from .2 to 51.2. The number is the probability that the spread of a run that diverges later "
     "exceeds "
     "that of one that does not, over all pairs of runs, after two steps.",
     "Rates and orders are mixed: the spread tells of both."},
    {"c20", "where the shortcut sets out", "The place of the shortcut of a residual block matters.",
     "ResNet-20 with IC on 10,000 images: from the conv output, after ReLU, between BN and dropout, after both.",
     "Places are compared with the first, the paper's."},
    {"c21", "converting an XResNet",
     "Swapping conv layers where they stand costs accuracy; a full conversion does not.",
     "XResNet-18 on 10,000 images: conv, BN, ReLU; each conv layer swapped where it stands, so that the first layer "
     "acts on "
     "the image and the last has nothing behind it; blocks, stem and head converted.",
     "The thread saw the naive swap lose 11 to 13 points on Imagenette; this is Fashion-MNIST, which is easier."},
    {"c22", "variance shift", "Behind a dropout a batch norm gathers another variance than it meets at evaluation.",
     "Inverted dropout raises the variance of what it lets through; the weights pass it on to the next batch norm, "
     "whose "
     "running variance keeps it. At evaluation the gates are open (Li et al. 2018).",
     "With a drop of .05 the shift is a few per cent of the variance."},
};
const size_t training_text_count = sizeof training_texts / sizeof training_texts[0];

static const char *order_word(enum icl_order order)
{
    static const char *const words[] = {"conv, BN, ReLU", "IC: ReLU, BN, dropout", "ReLU, BN", "ReLU, dropout", "ReLU"};
    return words[order];
}

/* A row for each condition that was trained; those of one word and several learning rates in a row. */
void report_trained(FILE *f, const struct run *run)
{
    const struct training *t = &run->training;
    if (!t->done || t->count == 0) return;
    fputs("<section id=\"training\"><h2>What was trained</h2>\n<p>The networks behind c10 to c22, on Fashion-MNIST "
          "unless the "
          "table says otherwise. A run is a pure function of its specification; it lies in <code>runs/</code> with "
          "curves, "
          "statistics and checkpoint, and is used again. Runs, curves, gradients: "
          "<code>tables/training_*.tsv</code>.</p>\n"
          "<table><thead><tr><th>recipe</th><th>word</th><th>network</th><th>between the weights</th><th>drop</th>"
          "<th>epochs</th><th>images</th><th>runs</th><th>diverged</th><th>validation accuracy, mean ± "
          "sd</th></tr></thead>"
          "<tbody>\n",
          f);
    for (size_t r = 0; r < t->count;) {
        const struct training_condition *c = t->member[r].condition;
        const struct icl_train_spec *spec = &t->run[r].spec;
        size_t n = 0, diverged = 0;
        double sum = 0, squares = 0;
        for (; r < t->count && t->member[r].condition->law == c->law && t->member[r].condition->word == c->word;
             r++, n++) {
            const double accuracy = training_accuracy(&t->member[r].curves);
            diverged += t->member[r].curves.diverged;
            sum += accuracy;
            squares += accuracy * accuracy;
        }
        const double mean = sum / (double)n, variance = n > 1 ? (squares - sum * mean) / ((double)n - 1) : NAN;
        char images[32] = "all";
        if (spec->limit > 0) snprintf(images, sizeof images, "%zu", spec->limit);
        fprintf(f,
                "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s%s</td><td class=\"n\">%g</td><td class=\"n\">%zu</td><td "
                "class=\"n\">%s</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td><td class=\"n\">%.4f",
                c->law, c->word, spec->net, order_word(spec->order),
                spec->conversion == ICL_CONVERSION_NAIVE ? ", naive" : "", spec->drop, spec->epochs, images, n,
                diverged, mean);
        if (n > 1) fprintf(f, " ± %.4f", sqrt(fmax(variance, 0)));
        fputs("</td></tr>\n", f);
    }
    fputs("</tbody></table></section>\n", f);
}

#include "experiments/report_internal.h"

const char report_question[] =
    "<p>A layer that normalises (BN) and then drops activations at random is said to make neurons more independent: "
    "their pairwise mutual information should fall as the square of the keep probability q, their correlation in "
    "proportion to it (Chen et al. 2019, <i>Rethinking the Usage of Batch Normalization and Dropout in the Training of "
    "Deep Neural Networks</i>, arXiv 1905.05928). This report says which of these statements hold, exactly where, and "
    "by how much: by proof, in rigorous arithmetic, on pairs whose answer is known, on neurons of layers that look at "
    "real "
    "images, and on networks trained for it.</p>";

const struct claim_text claim_texts[] = {
    {"c01", "the quadratic law of mutual information",
     "I(x';y') = q² I(x;y) behind independent gates, if neither neuron is exactly 0 with positive probability.",
     "A gated value that is not 0 tells that its gate was open. So x' carries the gate and, when it is open, x itself; "
     "with independent gates only the share q² of the samples with both gates open carries information about the pair, "
     "and there the pair is what it was. The exponent b of I = I<sub>0</sub> q<sup>b</sup> is fitted to all keeps at "
     "once, on "
     "the linear scale.",
     "The law does not depend on the shape of the distribution: Gaussian, heavy-tailed, bimodal and discrete pairs "
     "obey it "
     "alike, and so do channels and units of real activations once BN has moved ReLU's zeros away from 0. It says "
     "nothing "
     "about evaluation, where all gates are open and nothing has been made more independent."},
    {"c02", "the linear law of correlation",
     "corr(x',y') = q corr(x,y) / √((1+(1−q)m<sub>x</sub>²)(1+(1−q)m<sub>y</sub>²)), m = mean / sd; exactly q times "
     "for "
     "centred neurons.",
     "A gate multiplies the covariance of centred neurons by q² and each variance by q. A mean that is not 0 turns the "
     "gate "
     "into extra variance, which lowers the correlation further.",
     "The paper's factor q holds where both neurons are centred. BN of a convolution centres the channel, not the unit "
     "at "
     "one position: for units the full formula is right and the plain factor is not; BN of every unit by itself "
     "restores "
     "it."},
    {"c03", "the entropy behind a gate", "H(x') = q H(x) + H<sub>b</sub>(q), if x is not 0 with positive probability.",
     "The gate's own entropy is H<sub>b</sub>(q), and an open gate shows x. For a density the entropy is taken "
     "relative to "
     "length and a point mass at each atom.",
     "The equality holds for discrete and for mixed laws as long as a closed gate can be told from a value 0; with an "
     "atom "
     "at 0 it becomes an upper bound, missed by some tenths of a nat behind ReLU."},
    {"c04", "what batch norm does, and what it does not",
     "BN with fixed statistics changes neither mutual information nor correlation; it makes c01 and c02 exact.",
     "For fixed statistics BN is an invertible affine map of each neuron. It centres, and it moves ReLU's atom away "
     "from "
     "0, so that a dropped value can be told from a silent one.",
     "BN by itself makes nothing more independent. The order ReLU, BN, dropout is what turns the bound of c05 into the "
     "equality of c01. With statistics of small batches, pooled over batches, the moved atom differs from batch to "
     "batch "
     "and both neurons tell the batch: pooled mutual information then rises steeply, an effect of pooling, not of the "
     "neurons."},
    {"c05", "dropout straight after ReLU",
     "With an atom at 0, I(x';y') ≤ q² I(x;y), with strict inequality if one neuron's silence tells of the other.",
     "A silent neuron and a closed gate look the same, so part of what silence told is lost too (data processing). "
     "Near "
     "q = 1 the local exponent is 2 plus two Kullback-Leibler terms over I.",
     "Without BN between ReLU and dropout mutual information falls faster than the square: the exponent of the fit is "
     "near "
     "3, the local one near 4. The paper's law is then an upper bound, and quoting it as an equality is wrong."},
    {"c06", "one gate for a channel",
     "With one gate for all positions of a channel, I(x';y') = H<sub>b</sub>(q) + q I(x;y); the correlation of centred "
     "neurons does not change.",
     "The gate itself is common information: both positions know whether the channel was dropped.",
     "Spatial dropout makes two positions of one channel more dependent, not less: mutual information rises above that "
     "without dropout. Across channels the gates are independent, and the quadratic law holds."},
    {"c07", "multiplicative Gaussian noise",
     "x (1+e), e of variance (1−q)/q, reduces the correlation exactly as gates do; mutual information has no q² law.",
     "Noise has the same first two moments as a rescaled gate, and correlation sees no more than these. But noise "
     "never "
     "shows a value unharmed, so mutual information falls by another law.",
     "Two kinds of dropout that correlation cannot tell apart differ in mutual information: linear decorrelation is "
     "not "
     "independence."},
    {"c08", "more than two neurons",
     "The total correlation behind independent gates is its average over the surviving subsets; so is the mutual "
     "information of groups.",
     "As for pairs: the gates are known, and the survivors are as they were. For pairs the average is q².",
     "Higher-order dependence falls with higher powers of q: what all of n neurons share survives with probability "
     "q<sup>n</sup>."},
    {"c09", "conditioning", "R' = q R + (1−q) Id, so eigenvalues become q l + 1−q and the condition number is bounded.",
     "Gates shrink every correlation by q and leave the variances (after standardising) at 1.",
     "A drop of 5 % changes pairwise mutual information by less than 10 % but caps the condition number of the next "
     "layer's input near 19 times the largest eigenvalue: conditioning is a more plausible reason for faster training "
     "than "
     "independence. At evaluation the gates are open and it is gone."},
};
const size_t claim_text_count = sizeof claim_texts / sizeof claim_texts[0];

const char report_method[] =
    "<section id=\"method\"><h2>How the numbers were made</h2>\n"
    "<p>A statement, its target and its tolerance are fixed in the registry (<code>iclab claims</code>) before any "
    "data. "
    "Samples come in independent blocks, each with gates of its own at each keep; the interval of every number is a "
    "delete-one-block jackknife with Student's t. An equality <b>holds</b> if its 95 % interval lies within target ± "
    "tolerance, <b>fails</b> if it lies outside, and is <b>undecided</b> otherwise; a bound asks on "
    "which side of its edge the whole interval lies. An order (“better than”) is paired by seed: Student's t of the "
    "differences within the seeds, all orders of a run decided together by Holm's procedure at 5 %.</p>\n"
    "<p>No verdict on mutual information rests on one estimator. Three of different kind look at every block: the atom "
    "decomposition (exact chain rule over dropped, silent and active samples, nearest neighbours for the rest), a "
    "plug-in "
    "with bins fixed before the dropout, and the Mesner-Shalizi estimator (on pairs and channels). For an equality "
    "to hold the leading one and one of another kind must find it so with overlapping intervals, for it to fail both "
    "must miss it on the same side; where intervals do not all overlap the report says so. "
    "Every number stands in <code>tables/</code>, every estimate behind a verdict in <code>tables/evidence.tsv</code>, "
    "and "
    "each figure can be drawn again: <code>gnuplot -c plots/NAME.gp RESULTS_FOLDER</code>.</p></section>";

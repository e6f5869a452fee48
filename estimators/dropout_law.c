#include "estimators/dropout_law.h"

#include <math.h>

const char *const icl_dropout_law_kind_names[ICL_LAW_KIND_COUNT] = {
    [ICL_LAW_EQUAL] = "equal", [ICL_LAW_BOUND] = "bound"};

double icl_binary_entropy(double q)
{
    if (!(q >= 0 && q <= 1)) return NAN;
    if (q == 0 || q == 1) return 0;
    return -q * log(q) - (1 - q) * log1p(-q);
}

double icl_dropout_correlation(enum icl_gate gate, double keep, double rho, double m_x, double m_y)
{
    const double drop = 1 - keep;
    const double root = sqrt((1 + drop * m_x * m_x) * (1 + drop * m_y * m_y));
    return (gate == ICL_GATE_SHARED ? rho + drop * m_x * m_y : keep * rho) / root;
}

double icl_dropout_mi(enum icl_gate gate, double keep, double mi)
{
    if (gate == ICL_GATE_GAUSSIAN) return mi;
    return gate == ICL_GATE_SHARED ? icl_binary_entropy(keep) + keep * mi : keep * keep * mi;
}

enum icl_dropout_law_kind icl_dropout_mi_kind(enum icl_gate gate, double keep, bool atom_at_zero)
{
    if (keep >= 1) return ICL_LAW_EQUAL;
    return gate == ICL_GATE_GAUSSIAN || atom_at_zero ? ICL_LAW_BOUND : ICL_LAW_EQUAL;
}

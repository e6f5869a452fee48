/* The design of iclab bench verdicts: what is planted, and which rows judge it. Rules and tolerances were written
 * before the data; how many samples KEEP_THRICE, KEEP_FULL and the fits take was chosen after the standard errors were
 * known. */
#include "experiments/verdict_power.h"

#define DIRECT .keep = .5, .blocks = 20, .rows = 500, .series = ICL_SWEEP_CORRELATION, .runs = 2000, .quick = 400
/* the size of a quick main job; KEEP_FULL has that of a full one */
#define SIZE_OF_JOB .law = "gauss", .keep = .5, .blocks = 20, .rows = 10000
#define EVERYTHING  .series = ICL_SWEEP_MI | ICL_SWEEP_CORRELATION | ICL_SWEEP_COACTIVE
#define ERRORS      SIZE_OF_JOB, EVERYTHING, .runs = 1000, .quick = 40
#define LONG        .law = "gauss", .keep = .5, .series = ICL_SWEEP_MI
/* all keeps */
#define FIT   .law = "gauss", .blocks = 20, .rows = 2000, .series = ICL_SWEEP_MI, .runs = 500, .quick = 20
#define FAULT SIZE_OF_JOB, EVERYTHING, .runs = 100, .quick = 10

enum {
    GAUSS_RIGHT,
    GAUSS_MORE,
    GAUSS_LESS,
    STUDENT_RIGHT,
    STUDENT_MORE,
    STUDENT_LESS,
    JOB_RIGHT,
    JOB_MORE,
    JOB_LESS,
    TWO_LAYERS,
    CORRELATED,
    KEEP,
    KEEP_THRICE,
    KEEP_FULL,
    POWER,
    ONE_IN,
    ONE_MASK,
    FIT_MORE, /* a seed counts the plants before it: new ones come last */
    FIT_LESS,
    FIT_JOB,
    PLANTS
};

static const struct icl_plant plants[PLANTS] = {
    [GAUSS_RIGHT] = {"independent", {ICL_FAULT_NONE, 0}, "gauss", DIRECT},
    [GAUSS_MORE] = {"P(both) 1.1 q^2", {ICL_FAULT_BOTH, 1.1}, "gauss", DIRECT},
    [GAUSS_LESS] = {"P(both) .9 q^2", {ICL_FAULT_BOTH, .9}, "gauss", DIRECT},
    [STUDENT_RIGHT] = {"independent", {ICL_FAULT_NONE, 0}, "student", DIRECT},
    [STUDENT_MORE] = {"P(both) 1.1 q^2", {ICL_FAULT_BOTH, 1.1}, "student", DIRECT},
    [STUDENT_LESS] = {"P(both) .9 q^2", {ICL_FAULT_BOTH, .9}, "student", DIRECT},
    [JOB_RIGHT] = {"independent", {ICL_FAULT_NONE, 0}, ERRORS},
    [JOB_MORE] = {"keep q sqrt(1.08)", {ICL_FAULT_KEEP, 1.0392304845413265}, ERRORS},
    [JOB_LESS] = {"keep q sqrt(.92)", {ICL_FAULT_KEEP, .9591663046625439}, ERRORS},
    [TWO_LAYERS] = {"two layers, two masks", {ICL_FAULT_ONE_MASK, 0}, FAULT},
    [CORRELATED] = {"correlated at .1", {ICL_FAULT_CORRELATED, .1}, FAULT},
    [KEEP] = {"keep .98 q", {ICL_FAULT_KEEP, .98}, FAULT},
    [KEEP_THRICE] = {"keep .98 q", {ICL_FAULT_KEEP, .98}, LONG, .blocks = 20, .rows = 30000, .runs = 50, .quick = 5},
    [KEEP_FULL] = {"keep .98 q", {ICL_FAULT_KEEP, .98}, LONG, .blocks = 40, .rows = 25000, .runs = 100, .quick = 5},
    [POWER] = {"P(both) q^1.9", {ICL_FAULT_POWER, 1.9}, FAULT},
    [ONE_IN] = {"one gate in 1 of 20", {ICL_FAULT_ONE_IN, .05}, FAULT},
    [ONE_MASK] = {"two layers, one mask", {ICL_FAULT_ONE_MASK, 1}, FAULT},
    [FIT_MORE] = {"keep q^1.06", {ICL_FAULT_EXPONENT, 2.12}, FIT},
    [FIT_LESS] = {"keep q^.94", {ICL_FAULT_EXPONENT, 1.88}, FIT},
    [FIT_JOB] = {"independent",
                 {ICL_FAULT_NONE, 0},
                 .law = "gauss",
                 .blocks = 20,
                 .rows = 10000,
                 EVERYTHING,
                 .runs = 100,
                 .quick = 5},
};

#define SLOPE    "c02.gauss.slope", "slope"
#define RATIO    "c01.gauss.ratio", "ratio@.5"
#define NARROW   "c01.gauss.narrow", "ratio@.5"
#define SHARE    "c01.gauss.coactive", "coactive@.5"
#define LOCAL    "c05.gauss.local", "local-exponent@.5"
#define EQUALS   ICL_RULE_EQUAL, 1
#define AT_MOST  ICL_RULE_AT_MOST, 1
#define AT_LEAST ICL_RULE_AT_LEAST, 1

static const struct icl_power_row rows[] = {
    /* a moment, with room and at the edge of a bound */
    {ICL_POWER_TRUE, GAUSS_RIGHT, "c02.gauss.wide", "slope", EQUALS, .1},
    {ICL_POWER_TRUE, GAUSS_RIGHT, "c02.gauss.most", "slope", AT_MOST, 0},
    {ICL_POWER_TRUE, GAUSS_RIGHT, "c02.gauss.least", "slope", AT_LEAST, 0},
    {ICL_POWER_TOLERANCE, GAUSS_MORE, "c02.gauss.wide", "slope", EQUALS, .1},
    {ICL_POWER_TOLERANCE, GAUSS_LESS, "c02.gauss.wide", "slope", EQUALS, .1},
    {ICL_POWER_TOLERANCE, GAUSS_MORE, "c02.gauss.most", "slope", AT_MOST, .1},
    {ICL_POWER_TOLERANCE, GAUSS_LESS, "c02.gauss.least", "slope", AT_LEAST, .1},
    {ICL_POWER_TRUE, STUDENT_RIGHT, "c02.student.wide", "slope", EQUALS, .1},
    {ICL_POWER_TRUE, STUDENT_RIGHT, "c02.student.most", "slope", AT_MOST, 0},
    {ICL_POWER_TRUE, STUDENT_RIGHT, "c02.student.least", "slope", AT_LEAST, 0},
    {ICL_POWER_TOLERANCE, STUDENT_MORE, "c02.student.wide", "slope", EQUALS, .1},
    {ICL_POWER_TOLERANCE, STUDENT_LESS, "c02.student.wide", "slope", EQUALS, .1},
    {ICL_POWER_TOLERANCE, STUDENT_MORE, "c02.student.most", "slope", AT_MOST, .1},
    {ICL_POWER_TOLERANCE, STUDENT_LESS, "c02.student.least", "slope", AT_LEAST, .1},
    /* mutual information by two estimators that must agree, the size of the main job */
    {ICL_POWER_TRUE, JOB_RIGHT, RATIO, EQUALS, .08},
    {ICL_POWER_TRUE, JOB_RIGHT, NARROW, EQUALS, .02},
    {ICL_POWER_TRUE, JOB_RIGHT, "c01.gauss.most", "ratio@.5", AT_MOST, 0},
    {ICL_POWER_TRUE, JOB_RIGHT, "c01.gauss.least", "ratio@.5", AT_LEAST, 0},
    {ICL_POWER_TRUE, JOB_RIGHT, LOCAL, ICL_RULE_EQUAL, 2, .06},
    {ICL_POWER_TRUE, JOB_RIGHT, SLOPE, EQUALS, .02},
    {ICL_POWER_TRUE, JOB_RIGHT, SHARE, EQUALS, .02},
    {ICL_POWER_TOLERANCE, JOB_MORE, RATIO, EQUALS, .08},
    {ICL_POWER_TOLERANCE, JOB_LESS, RATIO, EQUALS, .08},
    {ICL_POWER_TOLERANCE, JOB_MORE, "c01.gauss.most", "ratio@.5", AT_MOST, .08},
    {ICL_POWER_TOLERANCE, JOB_LESS, "c01.gauss.least", "ratio@.5", AT_LEAST, .08},
    {ICL_POWER_TRUE, TWO_LAYERS, RATIO, EQUALS, .08},
    {ICL_POWER_TRUE, TWO_LAYERS, SLOPE, EQUALS, .02},
    /* the fit over all keeps */
    {ICL_POWER_TOLERANCE, FIT_MORE, "c01.gauss.fit", "exponent", ICL_RULE_EQUAL, 2, .12},
    {ICL_POWER_TOLERANCE, FIT_LESS, "c01.gauss.fit", "exponent", ICL_RULE_EQUAL, 2, .12},
    {ICL_POWER_TOLERANCE, FIT_MORE, "c01.gauss.fit-most", "exponent", ICL_RULE_AT_MOST, 2, .12},
    {ICL_POWER_TOLERANCE, FIT_LESS, "c01.gauss.fit-least", "exponent", ICL_RULE_AT_LEAST, 2, .12},
    {ICL_POWER_TRUE, FIT_JOB, "c01.gauss.exponent", "exponent", ICL_RULE_EQUAL, 2, .06},
    {ICL_POWER_TRUE, FIT_JOB, SLOPE, EQUALS, .02},
    /* the faults, each alone */
    {ICL_POWER_FAULT, CORRELATED, RATIO, EQUALS, .08},
    {ICL_POWER_FAULT, CORRELATED, LOCAL, ICL_RULE_EQUAL, 2, .06},
    {ICL_POWER_FAULT, CORRELATED, SLOPE, EQUALS, .02},
    {ICL_POWER_FAULT, CORRELATED, SHARE, EQUALS, .02},
    {ICL_POWER_SHORT, KEEP, NARROW, EQUALS, .02},
    {ICL_POWER_SHORT, KEEP_THRICE, NARROW, EQUALS, .02},
    {ICL_POWER_FAULT, KEEP_FULL, NARROW, EQUALS, .02},
    {ICL_POWER_FAULT, KEEP, SHARE, EQUALS, .02},
    {ICL_POWER_FAULT, POWER, NARROW, EQUALS, .02},
    {ICL_POWER_FAULT, POWER, LOCAL, ICL_RULE_EQUAL, 2, .06},
    {ICL_POWER_FAULT, POWER, SLOPE, EQUALS, .02},
    {ICL_POWER_FAULT, POWER, SHARE, EQUALS, .02},
    {ICL_POWER_FAULT, ONE_IN, NARROW, EQUALS, .02},
    {ICL_POWER_FAULT, ONE_IN, SLOPE, EQUALS, .02},
    {ICL_POWER_FAULT, ONE_IN, SHARE, EQUALS, .02},
    {ICL_POWER_FAULT, ONE_MASK, RATIO, EQUALS, .08},
    {ICL_POWER_FAULT, ONE_MASK, SLOPE, EQUALS, .02},
    {ICL_POWER_FAULT, ONE_MASK, SHARE, EQUALS, .02},
};

const struct icl_power_design icl_power_design = {plants, PLANTS, rows, sizeof rows / sizeof rows[0]};

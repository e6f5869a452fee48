/* The architectures: numbers of parameters against known ones and against a count by lists of layers, shapes,
 * descriptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/networks_support.h"

static size_t count_of(const char *net, enum icl_order order, enum icl_conversion conversion, size_t classes)
{
    const struct icl_train_spec spec = spec_of(net, order, conversion, ICL_SKIP_CONV);
    struct icl_network network = built(&spec, 32, classes);
    const size_t count = network.parameter_count;
    icl_network_free(&network);
    return count;
}

static void known_numbers_of_parameters(void **state)
{
    (void)state;
    enum { CLASSIC = ICL_ORDER_CONV_BN_RELU };
    const struct {
        const char *net;
        unsigned order;
        size_t classes, count;
    } known[] = {
        {"thread06", ICL_ORDER_NONE, 10, 15594}, /* the course's own counts */
        {"thread07", CLASSIC, 10, 62274},         {"thread07", ICL_ORDER_BN_AFTER, 10, 62274},
        {"resnet20", CLASSIC, 10, 272474}, /* He et al. 2016, table 6, give .27, .85 and 1.7 million for 20, 56 and 110
                                              layers */
        {"resnet56", CLASSIC, 10, 855770},        {"resnet110", CLASSIC, 10, 1730714},
        {"resnet50", CLASSIC, 1000, 25557032}, /* ImageNet */
        {"xresnet18", CLASSIC, 10, 11228586},  /* the course's notebook and library */
        {"xresnet34", CLASSIC, 10, 21336746},     {"xresnet50", CLASSIC, 10, 23575466},
        {"xresnet18-lib", CLASSIC, 10, 11200874}, {"xresnet34-lib", CLASSIC, 10, 21309034},
        {"xresnet50-lib", CLASSIC, 10, 23547754},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(count_of(known[i].net, (enum icl_order)known[i].order, ICL_CONVERSION_FULL, known[i].classes),
                         known[i].count);
}

/* ---- the count by lists of layers ----------------------------------------------------------------------------- */

/* A list of convolutions: channels in and out, window, and whether it is the projection of a shortcut. */
struct list {
    struct {
        size_t in, out, window;
        bool projection;
    } conv[256];
    size_t convs, channels;
};

static void put(struct list *l, size_t window, size_t out)
{
    l->conv[l->convs].in = l->channels;
    l->conv[l->convs].out = l->channels = out;
    l->conv[l->convs].window = window;
    l->conv[l->convs++].projection = false;
}

/* Blocks as strings of windows: "33", "131", "13"; widths double from group to group; expansion as the string has it. A
 * shortcut projects where the width changes. */
static void put_blocks(struct list *l, const char *windows, size_t width, const size_t *blocks, size_t groups)
{
    const size_t expansion = strlen(windows) == 3 ? 4 : 1;
    for (size_t g = 0; g < groups; g++, width *= 2)
        for (size_t i = 0; i < blocks[g]; i++) {
            const size_t before = l->channels, after = width * expansion;
            for (const char *w = windows; *w != '\0'; w++)
                put(l, (size_t)(*w - '0'), w[1] == '\0' ? after : width);
            if (before == after) continue;
            l->channels = before;
            put(l, 1, after);
            l->conv[l->convs - 1].projection = true;
        }
}

static struct list list_of(const char *net)
{
    struct list l = {.convs = 0, .channels = strncmp(net, "thread", 6) == 0 ? 1 : 3};
    const size_t eighteen[] = {2, 2, 2, 2}, fifty[] = {3, 4, 6, 3};
    unsigned depth;
    if (strncmp(net, "thread", 6) == 0) {
        const size_t widths[2][5] = {{8, 16, 32, 32, 0}, {8, 16, 32, 64, 64}};
        const size_t *w = widths[net[7] == '7'];
        for (size_t i = 0; i < 5 && w[i] > 0; i++)
            put(&l, i == 0 ? 5 : 3, w[i]);
    } else if (sscanf(net, "resnet%u", &depth) == 1 && depth != 50) {
        const bool deep = depth == 164;
        const size_t n = (depth - 2) / (deep ? 9 : 6), blocks[] = {n, n, n};
        put(&l, 3, 16);
        put_blocks(&l, deep ? "131" : "33", 16, blocks, 3);
    } else if (strcmp(net, "resnet50") == 0) {
        put(&l, 7, 64);
        put_blocks(&l, "131", 64, fifty, 4);
    } else {
        put(&l, 3, 32);
        put(&l, 3, strstr(net, "-lib") != NULL ? 32 : 64);
        put(&l, 3, 64);
        const char *windows = strncmp(net, "xresnet50", 9) == 0 ? "131" : strstr(net, "-prefix") != NULL ? "13" : "33";
        put_blocks(&l, windows, 64, strncmp(net, "xresnet18", 9) == 0 ? eighteen : fifty, 4);
    }
    return l;
}

/* Weights, biases where there is no BN, two numbers a channel for each BN: of the outputs of all convolutions
 * (conv-bn-relu), of the inputs of all (naive), or of the inputs of all but the first and the projections, and of what
 * goes into the head (full). */
static size_t counted(const struct list *l, enum icl_order order, enum icl_conversion conversion, size_t classes)
{
    const bool norm = order != ICL_ORDER_NONE && order != ICL_ORDER_DROP_ONLY;
    const bool classic = order == ICL_ORDER_CONV_BN_RELU, naive = conversion == ICL_CONVERSION_NAIVE;
    size_t count = (l->channels + 1) * classes, norms = classic || naive ? 0 : l->channels;
    for (size_t i = 0; i < l->convs; i++) {
        const size_t in = l->conv[i].in, out = l->conv[i].out, window = l->conv[i].window;
        count += in * out * window * window + (norm ? 0 : out);
        norms += classic ? out : naive ? in : i == 0 || l->conv[i].projection ? 0 : in;
    }
    return count + (norm ? 2 * norms : 0);
}

static void parameters_of_every_order(void **state)
{
    (void)state;
    for (size_t i = 0; icl_network_names[i] != NULL; i++) {
        const char *net = icl_network_names[i];
        const struct list list = list_of(net);
        for (int order = 0; icl_order_names[order] != NULL; order++)
            for (int conversion = 0; conversion < 2; conversion++) {
                const enum icl_order o = (enum icl_order)order;
                const enum icl_conversion c = (enum icl_conversion)conversion;
                if (o == ICL_ORDER_CONV_BN_RELU && c == ICL_CONVERSION_NAIVE) continue;
                const size_t expected = counted(&list, o, c, 7), count = count_of(net, o, c, 7);
                if (count != expected)
                    fail_msg("%s %s %s: %zu, counted %zu", net, icl_order_names[o], icl_conversion_names[c], count,
                             expected);
            }
    }
}

/* docs/networks.md: rows `| net | ... | conv-bn-relu | ic, bn-after | drop-only, none |`. */
static void the_documented_numbers_are_these(void **state)
{
    (void)state;
    FILE *f = fopen("docs/networks.md", "r");
    assert_non_null(f);
    char line[1024], net[32];
    size_t rows = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "| %31s |", net) != 1 || icl_network_summary(net) == NULL) continue;
        assert_string_equal(net, icl_network_names[rows]);
        rows++;
        static const enum icl_order columns[3][2] = {{ICL_ORDER_DROP_ONLY, ICL_ORDER_NONE},
                                                     {ICL_ORDER_IC, ICL_ORDER_BN_AFTER},
                                                     {ICL_ORDER_CONV_BN_RELU, ICL_ORDER_CONV_BN_RELU}};
        *strrchr(line, '|') = '\0';
        for (size_t c = 0; c < 3; c++) { /* from the right */
            char *cell = strrchr(line, '|');
            size_t count = 0;
            for (const char *p = cell; *p != '\0'; p++)
                if (*p >= '0' && *p <= '9') count = 10 * count + (size_t)(*p - '0');
            *cell = '\0';
            for (size_t k = 0; k < 2; k++)
                assert_int_equal(
                    count_of(net, columns[c][k], ICL_CONVERSION_FULL, strcmp(net, "resnet50") == 0 ? 1000 : 10), count);
        }
    }
    fclose(f);
    assert_null(icl_network_names[rows]);
}

/* ---- shapes --------------------------------------------------------------------------------------------------- */

static void images_of_any_size_fit(void **state)
{
    (void)state;
    const size_t sides[] = {1, 2, 3, 7, 28, 33, 75};
    for (size_t i = 0; icl_network_names[i] != NULL; i++)
        for (size_t s = 0; s < sizeof sides / sizeof *sides; s++)
            for (int skip = 0; skip < 4; skip++) {
                const bool plain = strncmp(icl_network_names[i], "thread", 6) == 0;
                const struct icl_train_spec spec =
                    spec_of(icl_network_names[i], ICL_ORDER_IC, ICL_CONVERSION_FULL, (enum icl_skip)(plain ? 0 : skip));
                struct icl_network network = built(&spec, sides[s], 11);
                const struct icl_node *out = &network.node[network.output];
                assert_int_equal(out->kind, ICL_NODE_CONV);
                assert_int_equal(out->height * out->width, 1);
                assert_int_equal(out->channels, 11);
                icl_network_free(&network);
            }
}

/* Side and channels of the outputs of the convolutions whose windows exceed 1, each change once. */
static void assert_sides(const char *net, size_t side, const size_t (*expected)[2], size_t count)
{
    const struct icl_train_spec spec = spec_of(net, ICL_ORDER_IC, ICL_CONVERSION_FULL, ICL_SKIP_CONV);
    struct icl_network network = built(&spec, side, 10);
    size_t at = 0;
    for (size_t i = 0; i < network.nodes; i++) {
        const struct icl_node *node = &network.node[i];
        if (node->kind != ICL_NODE_CONV || node->conv.window == 1) continue;
        assert_int_equal(node->height, node->width);
        if (at > 0 && node->height == expected[at - 1][0] && node->channels == expected[at - 1][1]) continue;
        assert_true(at < count);
        assert_int_equal(node->height, expected[at][0]);
        assert_int_equal(node->channels, expected[at][1]);
        at++;
    }
    assert_int_equal(at, count);
    icl_network_free(&network);
}

static void sides_halve_where_they_should(void **state)
{
    (void)state;
    assert_sides("thread07", 28, (const size_t[][2]){{14, 8}, {7, 16}, {4, 32}, {2, 64}, {1, 64}}, 5);
    assert_sides("thread06", 28, (const size_t[][2]){{14, 8}, {7, 16}, {4, 32}, {2, 32}}, 4);
    assert_sides("resnet20", 32, (const size_t[][2]){{32, 16}, {16, 32}, {8, 64}}, 3);
    assert_sides("resnet164", 32, (const size_t[][2]){{32, 16}, {16, 32}, {8, 64}}, 3);
    assert_sides("resnet50", 224, (const size_t[][2]){{112, 64}, {56, 64}, {28, 128}, {14, 256}, {7, 512}}, 5);
    assert_sides("xresnet34", 128, (const size_t[][2]){{64, 32}, {64, 64}, {32, 64}, {16, 128}, {8, 256}, {4, 512}}, 6);
    assert_sides("xresnet50-lib", 75, (const size_t[][2]){{38, 32}, {38, 64}, {19, 64}, {10, 128}, {5, 256}, {3, 512}},
                 6);
}

/* ---- errors and words ----------------------------------------------------------------------------------------- */

static void what_cannot_be_built_is_refused(void **state)
{
    (void)state;
    struct icl_network network;
    struct icl_train_spec spec = spec_of("resnet21", ICL_ORDER_IC, ICL_CONVERSION_FULL, ICL_SKIP_CONV);
    assert_int_equal(icl_network_build(&spec, 32, 32, 3, 10, &network, &err), ICL_ERR_USAGE);
    for (size_t i = 0; icl_network_names[i] != NULL; i++)
        assert_non_null(strstr(err.message, icl_network_names[i]));
    spec = spec_of("thread06", ICL_ORDER_IC, ICL_CONVERSION_FULL, ICL_SKIP_BETWEEN);
    assert_int_equal(icl_network_build(&spec, 32, 32, 3, 10, &network, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "no residual blocks"));
    const struct {
        size_t height, width, channels, classes;
    } bad[] = {{0, 8, 1, 10}, {8, 0, 1, 10}, {8, 8, 0, 10}, {8, 8, 1, 0}};
    for (size_t i = 0; icl_network_names[i] != NULL; i++)
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
            for (int order = 0; order < 2; order++) {
                spec = spec_of(icl_network_names[i], (enum icl_order)order, ICL_CONVERSION_FULL, ICL_SKIP_CONV);
                const icl_status status = icl_network_build(&spec, bad[k].height, bad[k].width, bad[k].channels,
                                                            bad[k].classes, &network, &err);
                assert_int_equal(status, ICL_ERR_USAGE);
                assert_null(network.node);
            }
}

static void every_network_has_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; icl_network_names[i] != NULL; i++)
        assert_true(strlen(icl_network_summary(icl_network_names[i])) > 10);
    assert_null(icl_network_summary("resnet21"));
}

static void networks_are_described(void **state)
{
    (void)state;
    char text[16384] = "";
    struct icl_train_spec spec = spec_of("resnet20", ICL_ORDER_IC, ICL_CONVERSION_FULL, ICL_SKIP_BETWEEN);
    struct icl_network network = built(&spec, 32, 10);
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    assert_int_equal(icl_network_describe(&network, stream, &err), ICL_OK);
    fclose(stream);
    size_t lines = 0, sum = 0;
    for (const char *p = text; *p != '\0'; p += strcspn(p, "\n") + 1, lines++) {
        const char *end = p + strcspn(p, "\n");
        while (end > p && end[-1] != ' ')
            end--;
        if (lines > 0 && lines <= network.nodes) sum += strtoul(end, NULL, 10);
    }
    assert_int_equal(lines, network.nodes + 2);
    assert_int_equal(sum, network.parameter_count);
    static const char *const parts[] = {"\nconv1 ",
                                        "ReLU BN dropout 0.05",
                                        "second output of the stage",
                                        "3x3 stride 2",
                                        "32x32x16",
                                        "\n272282 parameters, 22 weight layers, 19 stages\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(text, parts[i]) == NULL) fail_msg("'%s' is not in\n%s", parts[i], text);
    stream = fopen("/dev/full", "w");
    assert_non_null(stream);
    assert_int_equal(icl_network_describe(&network, stream, &err), ICL_ERR_IO);
    fclose(stream);
    icl_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers_of_parameters),      cmocka_unit_test(parameters_of_every_order),
        cmocka_unit_test(the_documented_numbers_are_these), cmocka_unit_test(images_of_any_size_fit),
        cmocka_unit_test(sides_halve_where_they_should),    cmocka_unit_test(what_cannot_be_built_is_refused),
        cmocka_unit_test(every_network_has_a_line),         cmocka_unit_test(networks_are_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "trainer/data_sets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/number.h"

#define IMAGENET_MEAN                                                                                                  \
    {                                                                                                                  \
        .485F, .456F, .406F                                                                                            \
    }
#define IMAGENET_SD                                                                                                    \
    {                                                                                                                  \
        .229F, .224F, .225F                                                                                            \
    }
#define IMAGENETTE_MEAN                                                                                                \
    {                                                                                                                  \
        .47F, .48F, .45F                                                                                               \
    }
#define IMAGENETTE_SD                                                                                                  \
    {                                                                                                                  \
        .29F, .28F, .30F                                                                                               \
    }
#define FAST_AI "https://s3.amazonaws.com/fast-ai-imageclas/"
#define IMAGENET_TERMS                                                                                                 \
    "the images: terms of access of image-net.org (research, not commercial); the selection: Apache-2.0"

const struct icl_data_set icl_data_sets[] = {
    {.name = "mnist",
     .format = ICL_DATA_IDX,
     .train = 60000,
     .valid = 10000,
     .classes = 10,
     .height = 28,
     .width = 28,
     .channels = 1,
     .mean = {.13066F},
     .sd = {.30811F},
     .address = "https://ossci-datasets.s3.amazonaws.com/mnist/",
     .terms = "CC-BY-SA-3.0 (Yann LeCun, Corinna Cortes)",
     .file = {{"train-images-idx3-ubyte.gz", 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873", NULL},
              {"train-labels-idx1-ubyte.gz", 28881, "d53e105ee54ea40749a09fcbcd1e9432", NULL},
              {"t10k-images-idx3-ubyte.gz", 1648877, "9fb629c4189551a2d022fa330f9573f3", NULL},
              {"t10k-labels-idx1-ubyte.gz", 4542, "ec29112dd5afa0611ce80d1b7f02629c", NULL}}},
    {.name = "fashion-mnist",
     .format = ICL_DATA_IDX,
     .train = 60000,
     .valid = 10000,
     .classes = 10,
     .height = 28,
     .width = 28,
     .channels = 1,
     .mean = {.28604060F},
     .sd = {.35302424F},
     .how = "install the Debian package dataset-fashion-mnist",
     .terms = "MIT (Zalando SE)",
     .file = {{"train-images-idx3-ubyte.gz", 26421856, "cf8536b0aa1a6ac5fa3f23001093305c",
               "f4a8712d7a061bf5bd6d2ca38dc4d50a"},
              {"train-labels-idx1-ubyte.gz", 29491, "10bea18fdb374794d4bb42e356e600c9",
               "9018921c3c673c538a1fc5bad174d6f9"},
              {"t10k-images-idx3-ubyte.gz", 4422079, "f78720b4224f21cce2f2ccf2d7a94c9a",
               "8181f5470baa50b63fa0f6fddb340f0a"},
              {"t10k-labels-idx1-ubyte.gz", 5125, "0d30e22e447f3c33dab9ed536400ac01",
               "15d484375f8d13e6eb1aabb0c3f46965"}}},
    {.name = "cifar-10",
     .format = ICL_DATA_CIFAR,
     .train = 50000,
     .valid = 10000,
     .classes = 10,
     .height = 32,
     .width = 32,
     .channels = 3,
     .mean = {.49140F, .48216F, .44653F},
     .sd = {.24703F, .24349F, .26159F},
     .folder = "cifar-10-batches-bin",
     .address = "https://www.cs.toronto.edu/~kriz/",
     .terms = "no licence stated (Alex Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009)",
     .file = {{"cifar-10-binary.tar.gz", 170052171, "c32a1d4ab5d03f1284b67883e8d87530", NULL}}},
    {.name = "cifar-100",
     .format = ICL_DATA_CIFAR,
     .train = 50000,
     .valid = 10000,
     .classes = 100,
     .height = 32,
     .width = 32,
     .channels = 3,
     .mean = {.50707F, .48655F, .44092F},
     .sd = {.26733F, .25644F, .27615F},
     .folder = "cifar-100-binary",
     .address = "https://www.cs.toronto.edu/~kriz/",
     .terms = "no licence stated (Alex Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009)",
     .file = {{"cifar-100-binary.tar.gz", 168513733, "03b5dce01913d631647c71ecec9e9cb8", NULL}}},
#define FOLDERS(name_, side_, folder_, train_, valid_, md5_)                                                           \
    {                                                                                                                  \
        .name = (name_), .format = ICL_DATA_FOLDERS, .train = (train_), .valid = (valid_), .classes = 10,              \
        .height = (side_), .width = (side_), .channels = 3, .mean = IMAGENETTE_MEAN, .sd = IMAGENETTE_SD,              \
        .folder = folder_, .address = FAST_AI, .terms = IMAGENET_TERMS, .file = {                                      \
            {folder_ ".tgz", 0, md5_, NULL}                                                                            \
        }                                                                                                              \
    }
    FOLDERS("imagenette", 224, "imagenette2", 9469, 3925, "fe2fc210e6bb7c5664d602c3cd71e612"),
    FOLDERS("imagenette-320", 224, "imagenette2-320", 9469, 3925, "3df6f0d01a2c9592104656642f5e78a3"),
    FOLDERS("imagenette-160", 128, "imagenette2-160", 9469, 3925, "e793b78cc4c9e9a4ccc0c1155377a412"),
    FOLDERS("imagewoof", 224, "imagewoof2", 9025, 3929, NULL),
    FOLDERS("imagewoof-320", 224, "imagewoof2-320", 9025, 3929, NULL),
    FOLDERS("imagewoof-160", 128, "imagewoof2-160", 9025, 3929, NULL),
#undef FOLDERS
    {.name = "ilsvrc2012",
     .format = ICL_DATA_FOLDERS,
     .train = 1281167,
     .valid = 50000,
     .classes = 1000,
     .height = 224,
     .width = 224,
     .channels = 3,
     .mean = IMAGENET_MEAN,
     .sd = IMAGENET_SD,
     .how = "its terms ask for registration at image-net.org; then unpack it into train/WNID and val/WNID there",
     .terms = "terms of access of image-net.org: research, not commercial, no redistribution"},
    {.name = "planted",
     .format = ICL_DATA_PLANTED,
     .train = 10000,
     .valid = 2000,
     .classes = 10,
     .height = 16,
     .width = 16,
     .channels = 3,
     .mean = {.5F, .5F, .5F},
     .sd = {.197F, .197F, .197F},
     .terms = "made by iclab"},
    {.name = NULL},
};

enum {
    MOST_SIDE = 4096,          /* of planted images */
    MOST_PLANTED = 1 << 29,    /* their bytes */
    MOST_CLASSES = UINT16_MAX, /* labels are kept in 16 bits */
    MOST_NAME = 63
};

static icl_status unknown(const char *name, struct icl_error *err)
{
    char list[256] = "";
    size_t used = 0;
    for (const struct icl_data_set *set = icl_data_sets; set->name != NULL && used < sizeof list; set++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", set->name);
    return icl_fail(err, ICL_ERR_USAGE, "no data set is called '%.60s': %s", name, list);
}

/* A whole number 1 .. most at *text, which moves behind it. */
static bool take_number(const char **text, size_t most, size_t *value)
{
    const size_t length = strspn(*text, "0123456789");
    uint64_t number = 0;
    if (length == 0 || icl_parse_count(*text, length, &number) != ICL_NUMBER_OK || number < 1 || number > most)
        return false;
    *value = (size_t)number;
    *text += length;
    return true;
}

static bool take_letter(const char **text, char letter)
{
    return *(*text)++ == letter;
}

/* planted-HxWxC-K */
static icl_status choose_planted(const char *name, const char *rest, struct icl_data_set *set, struct icl_error *err)
{
    const char *at = rest;
    const bool good = take_letter(&at, '-') && take_number(&at, MOST_SIDE, &set->height) && take_letter(&at, 'x') &&
                      take_number(&at, MOST_SIDE, &set->width) && take_letter(&at, 'x') &&
                      take_number(&at, 3, &set->channels) && take_letter(&at, '-') &&
                      take_number(&at, MOST_CLASSES, &set->classes) && *at == '\0';
    if (!good)
        return icl_fail(err, ICL_ERR_USAGE,
                        "data set '%.60s': want planted-HxWxC-K: sides up to %d, 1 to 3 channels, K classes", name,
                        MOST_SIDE);
    if (set->height * set->width * set->channels * set->train > MOST_PLANTED)
        return icl_fail(err, ICL_ERR_USAGE, "data set '%.60s': more than %d MiB", name, MOST_PLANTED >> 20);
    return ICL_OK;
}

/* Cuts -noisyN off; *noise is N. */
static icl_status cut_noise(const char *name, size_t *length, int *noise, struct icl_error *err)
{
    static const int known[] = {0, 1, 5, 25, 50};
    const char *suffix = strstr(name, "-noisy");
    *noise = -1;
    *length = strlen(name);
    if (suffix == NULL) return ICL_OK;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        char number[16];
        snprintf(number, sizeof number, "%d", known[k]);
        if (strcmp(suffix + 6, number) != 0) continue;
        *noise = known[k];
        *length = (size_t)(suffix - name);
        return ICL_OK;
    }
    return icl_fail(err, ICL_ERR_USAGE, "data set '%.60s': noisy labels come as -noisy0, 1, 5, 25 or 50", name);
}

icl_status icl_data_choose(const char *name, struct icl_data_choice *choice, struct icl_error *err)
{
    struct icl_data_choice found = {.noise = -1};
    size_t length;
    if (*name == '\0' || *name == '.' || strpbrk(name, "/\n\t") != NULL || strlen(name) > MOST_NAME)
        return unknown(name, err);
    ICL_TRY(cut_noise(name, &length, &found.noise, err));
    const struct icl_data_set *set = icl_data_sets;
    while (set->name != NULL && (strlen(set->name) != length || strncmp(set->name, name, length) != 0))
        set++;
    if (set->name != NULL) {
        found.set = *set;
    } else if (strncmp(name, "planted", 7) == 0) {
        while (--set >= icl_data_sets && set->format != ICL_DATA_PLANTED)
            continue;
        found.set = *set;
        found.set.name = name;
        ICL_TRY(choose_planted(name, name + 7, &found.set, err));
    } else if (found.noise >= 0) {
        return unknown(name, err);
    } else {
        found.set = (struct icl_data_set){.name = name,
                                          .format = ICL_DATA_FOLDERS,
                                          .height = 128,
                                          .width = 128,
                                          .channels = 3,
                                          .mean = IMAGENET_MEAN,
                                          .sd = IMAGENET_SD,
                                          .terms = "the user's own"};
    }
    if (found.noise >= 0 && found.set.format != ICL_DATA_FOLDERS)
        return icl_fail(err, ICL_ERR_USAGE, "data set '%.60s': there are no noisy labels of %s", name, found.set.name);
    *choice = found;
    return ICL_OK;
}

static icl_status join(char path[ICL_DATA_PATH], const char *front, const char *back, struct icl_error *err)
{
    const int length = snprintf(path, ICL_DATA_PATH, "%s%s%s", front, *back != '\0' ? "/" : "", back);
    if (length < 0 || length >= ICL_DATA_PATH)
        return icl_fail(err, ICL_ERR_INPUT, "%.200s: the name of the folder of the data is too long", front);
    return ICL_OK;
}

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

icl_status icl_data_root(const char *root, char path[ICL_DATA_PATH], struct icl_error *err)
{
    if (root == NULL) root = setting("ICLAB_DATA");
    if (root != NULL) return join(path, root, "", err);
    const char *home = setting("HOME");
    if (home == NULL) return icl_fail(err, ICL_ERR_INPUT, "neither ICLAB_DATA nor HOME is set: where are the data?");
    return join(path, home, ".local/share/iclab", err);
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

icl_status icl_data_locate(const struct icl_data_set *set, const char *root, char path[ICL_DATA_PATH],
                           struct icl_error *err)
{
    char base[ICL_DATA_PATH];
    const bool debian = root == NULL && strcmp(set->name, "fashion-mnist") == 0;
    const char *chosen = debian ? setting("ICLAB_FASHION_MNIST") : NULL;
    if (chosen != NULL) {
        ICL_TRY(join(path, chosen, "", err));
        if (is_folder(path)) return ICL_OK;
        return icl_fail(err, ICL_ERR_INPUT, "%s: no such folder: ICLAB_FASHION_MNIST names it", path);
    }
    struct icl_error no_root;
    const icl_status status = icl_data_root(root, base, &no_root);
    if (status == ICL_OK) {
        ICL_TRY(join(path, base, set->name, err));
        if (is_folder(path)) return ICL_OK;
        if (set->folder != NULL) {
            ICL_TRY(join(path, base, set->folder, err));
            if (is_folder(path)) return ICL_OK;
        }
    }
    if (debian) {
        ICL_TRY(join(path, "/usr/share/datasets/fashion-mnist", "", err));
        if (is_folder(path)) return ICL_OK;
    }
    if (status != ICL_OK) return icl_fail(err, status, "%s", no_root.message);
    if (set->how != NULL) return icl_fail(err, ICL_ERR_INPUT, "%.200s/%s: not there: %s", base, set->name, set->how);
    if (set->address == NULL)
        return icl_fail(err, ICL_ERR_INPUT, "no data set is called '%s' (see iclab data list), nor is %.200s/%s there",
                        set->name, base, set->name);
    return icl_fail(err, ICL_ERR_INPUT, "%.200s/%s: not there: iclab data fetch %s", base, set->name, set->name);
}

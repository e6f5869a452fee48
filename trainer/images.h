/* Data sets of images in the IDX format (MNIST, Fashion-MNIST), plain or gzipped. */
#ifndef ICLAB_TRAINER_IMAGES_H
#define ICLAB_TRAINER_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Images as bytes, count x height x width, row-major. Owned: free with icl_images_free. */
struct icl_images {
    size_t count, height, width;
    uint8_t *pixels;
};

/* Reads an IDX file of unsigned bytes with three dimensions (big-endian magic 0x00000803, then the sizes), gzipped or
 * plain, at most `limit` images (0: all; when fewer than the file has, the rest is not looked at). Missing, truncated,
 * wrong magic, sizes that overflow or are 0, more data than announced: ICL_ERR_INPUT naming file, byte offset (after
 * decompression) and reason. A header alone claims no more than 16 MiB of memory. `out` is untouched on failure. */
icl_status icl_images_read(const char *path, size_t limit, struct icl_images *out, struct icl_error *err);
void icl_images_free(struct icl_images *images);

/* Reads the labels that belong to such a file (magic 0x00000801, then the count), with the same errors; a label that is
 * not below `classes` is one, too. *labels is owned by the caller: free(); untouched on failure. */
icl_status icl_labels_read(const char *path, size_t classes, size_t limit, size_t *count, uint8_t **labels,
                           struct icl_error *err);

/* The path of the Fashion-MNIST training images: $ICLAB_FASHION_MNIST (a folder) or Debian's
 * /usr/share/datasets/fashion-mnist. Written into `buffer`; ICL_ERR_INPUT with what to install if it is not there. */
icl_status icl_fashion_mnist_path(char *buffer, size_t size, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif

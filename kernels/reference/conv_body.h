/* The plain convolution, once for each ICL_REAL; no include guard on purpose. Sums in ICL_REAL, window by window. */

/* The positions of a window that lie inside an image of `size`: first .. end-1, for the output at `place`. */
static void ICL_TYPED(window_span)(size_t place, size_t stride, size_t padding, size_t window, size_t size,
                                   size_t *first, size_t *end)
{
    const size_t start = place * stride; /* in the padded image */
    *first = start < padding ? padding - start : 0;
    *end = start + window > size + padding ? size + padding - start : window;
    if (start >= size + padding) *end = 0;
    if (*first > *end) *first = *end;
}

void ICL_TYPED(icl_conv_forward)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *x,
                                 const ICL_REAL *weights, const ICL_REAL *bias, ICL_REAL *y)
{
    const size_t in = shape->in, window = shape->window;
    for (size_t n = 0; n < images; n++, x += shape->height * shape->width * in)
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++) {
                size_t top, bottom, left, right;
                ICL_TYPED(window_span)(oy, shape->stride, shape->padding, window, shape->height, &top, &bottom);
                ICL_TYPED(window_span)(ox, shape->stride, shape->padding, window, shape->width, &left, &right);
                for (size_t o = 0; o < shape->out; o++) {
                    ICL_REAL sum = bias == NULL ? 0 : bias[o];
                    for (size_t ky = top; ky < bottom; ky++)
                        for (size_t kx = left; kx < right; kx++) {
                            const size_t row = oy * shape->stride + ky - shape->padding;
                            const size_t column = ox * shape->stride + kx - shape->padding;
                            const ICL_REAL *pixel = x + (row * shape->width + column) * in;
                            const ICL_REAL *weight = weights + ((o * window + ky) * window + kx) * in;
                            for (size_t i = 0; i < in; i++)
                                sum += pixel[i] * weight[i];
                        }
                    *y++ = sum;
                }
            }
}

void ICL_TYPED(icl_conv_backward_data)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *dy,
                                       const ICL_REAL *weights, ICL_REAL *dx)
{
    const size_t in = shape->in, window = shape->window, plane = shape->height * shape->width * in;
    for (size_t n = 0; n < images; n++, dx += plane) {
        for (size_t e = 0; e < plane; e++)
            dx[e] = 0;
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, dy += shape->out) {
                size_t top, bottom, left, right;
                ICL_TYPED(window_span)(oy, shape->stride, shape->padding, window, shape->height, &top, &bottom);
                ICL_TYPED(window_span)(ox, shape->stride, shape->padding, window, shape->width, &left, &right);
                for (size_t o = 0; o < shape->out; o++)
                    for (size_t ky = top; ky < bottom; ky++)
                        for (size_t kx = left; kx < right; kx++) {
                            const size_t row = oy * shape->stride + ky - shape->padding;
                            const size_t column = ox * shape->stride + kx - shape->padding;
                            ICL_REAL *pixel = dx + (row * shape->width + column) * in;
                            const ICL_REAL *weight = weights + ((o * window + ky) * window + kx) * in;
                            for (size_t i = 0; i < in; i++)
                                pixel[i] += dy[o] * weight[i];
                        }
            }
    }
}

void ICL_TYPED(icl_conv_backward_weights)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *x,
                                          const ICL_REAL *dy, ICL_REAL *dweights, ICL_REAL *dbias)
{
    const size_t in = shape->in, window = shape->window;
    for (size_t n = 0; n < images; n++, x += shape->height * shape->width * in)
        for (size_t oy = 0; oy < shape->out_height; oy++)
            for (size_t ox = 0; ox < shape->out_width; ox++, dy += shape->out) {
                size_t top, bottom, left, right;
                ICL_TYPED(window_span)(oy, shape->stride, shape->padding, window, shape->height, &top, &bottom);
                ICL_TYPED(window_span)(ox, shape->stride, shape->padding, window, shape->width, &left, &right);
                for (size_t o = 0; o < shape->out; o++) {
                    if (dbias != NULL) dbias[o] += dy[o];
                    for (size_t ky = top; ky < bottom; ky++)
                        for (size_t kx = left; kx < right; kx++) {
                            const size_t row = oy * shape->stride + ky - shape->padding;
                            const size_t column = ox * shape->stride + kx - shape->padding;
                            const ICL_REAL *pixel = x + (row * shape->width + column) * in;
                            ICL_REAL *weight = dweights + ((o * window + ky) * window + kx) * in;
                            for (size_t i = 0; i < in; i++)
                                weight[i] += dy[o] * pixel[i];
                        }
                }
            }
}

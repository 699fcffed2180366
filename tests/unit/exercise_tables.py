"""What is said of each exercise by hand: which there are, and which mutants raise or give another size."""

BREAKING = {  # what raises on some cases, as the learner's program does
    "01.to_nchw": "grey forgotten",
    "04.out_size": "M07",
    "05.dilate": "M149",
    "04.pad2d": "M21, -0 in a slice, slice of the wrong length",
    "04.conv2d": "M07, -0 in a slice, the window's end not moved, the stride inside the window",
    "06.conv2d": "M30, the bias along the columns",
    "06.set_kernel": "M30",
    "09.conv2d_im2col": "M87, the bias along the places",
    "09.col2im": "M21",
    "10.grouped_conv": "M46, the weight cut twice, the numbers of the worked group, cut to a size",
    "10.channel_shuffle": "no axis for the pictures",
    "10.separable": "M47",
    "11.shared": "M95, M160, M162, the bias too, the other way round",  # the reference, where shapes differ
}
WRONG_SIZES = {  # what cannot have the right shape, because its mistake is one of size
    "05.dilate": "M11, M12, M13, M14, M21, M73, rows only, columns only",
    "01.to_nchw": "M51, M112, M102, M55, no batch axis, M54, M53, grey in front and then permuted",
    "02.window": "M101, M102, M104, M107, stop not moved, stop one short, stop one too far, rows sliced twice, "
    "kernel sizes exchanged",
    "02.conv2d": "M01, M02, M21, M102, M107, one place too many",
    "02.kernel": "",
    "04.pad2d": "M03, M04, M22, rows only, columns only, adds nothing, zeros inside the picture, pH for both axes, "
    "pW for both axes",
    "04.conv2d": "M03, M04, M05, M06, M08, M09, M19, M20, M21, M22, M102, M107, ignores stride and padding, rows "
    "skipped twice, ignores the stride in the loops' end, stores where the window begins, sH for both axes, sW for "
    "both axes, ignores the padding, counts without the padding, pH for both axes, pW for both axes, one place too "
    "many, kH for both axes, stops before the last place",
    "06.conv2d": "M27, M19, M21, M22, all filters in one map, ignores the padding, ignores stride and padding",
    "06.gabor_bank": "M21",
    "09.im2col": "M86, M21, M22, M168, M169, M11, dH and dW exchanged, a window a row, the batch along the columns",
    "09.conv2d_im2col": "M21, M22, M168, M169, ignores stride and padding, left as columns",
    "09.col2im": "the padding left on, -0 in a slice",
    "10.grouped_conv": "M219, the groups in the batch, one group alone",
    "10.channel_shuffle": "",
    "11.kernel_from_scipy": "",
}

WANTED = {
    "00": ["00.first"],
    "01": ["01.to_nchw"],
    "02": ["02.window", "02.conv2d", "02.kernel"],
    "03": ["03.which_layer", "03.MyConv2d"],
    "04": ["04.pad2d", "04.out_size", "04.conv2d"],
    "05": ["05.dilate", "05.same_padding", "05.receptive_field"],
    "06": ["06.conv2d", "06.grey", "06.set_kernel", "06.gabor_bank"],
    "07": ["07.simple_cnn", "07.freeze", "07.transfer"],
    "08": ["08.conv2d_backward", "08.grad_check", "08.learn_kernel"],
    "09": ["09.im2col", "09.conv2d_im2col", "09.col2im", "09.fair_time"],
    "10": ["10.grouped_conv", "10.groups_for_budget", "10.separable", "10.channel_shuffle"],
    "11": [
        *("11.channels", "11.features", "11.dtype", "11.too_small"),
        *("11.batch_of_grey", "11.view", "11.pairs", "11.downsample"),
        *("11.kernel_from_scipy", "11.shared", "11.frozen", "11.not_learning"),
    ],
    "12": ["12.design", "12.split", "12.choose", "12.judge"],
}

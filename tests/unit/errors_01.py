"""Lesson 01: what raises the errors that the exercises quote: exercise -> lines, or functions of nothing."""

PICTURE, GREY = "torch.zeros(3, 2, 3, dtype=torch.uint8)", "torch.zeros(3, 2, dtype=torch.uint8)"
PROVOKED = {
    "01.to_nchw": (
        f"{GREY}.permute(2, 0, 1)",
        f"(lambda H, W, C: 0)(*(lambda: [(H, W, C) for H, W, C in [{GREY}.shape]])()[0])",
        f"{GREY}.movedim(2, 0)",
        f"{GREY}[:, :, 0]",
        f"{PICTURE}.div_(255)",
        f"{PICTURE}.transpose(2, 0, 1)",
        f"{PICTURE}.astype(float)",
        f"{PICTURE}.numpy().permute(2, 0, 1)",
        f"{PICTURE}.reshape(3, 2, 2)",
        f"{PICTURE}.ndim()",
        f"torch.stack({PICTURE})",
    )
}

"""The built-in plugin: every component that efgan_kit ships, declared as a stranger would declare theirs.

This module is imported by every command, so it names its components and imports none of them.
"""

from __future__ import annotations

from efgan_kit.api import Register, hookimpl

_HERE = "efgan_kit.components"


@hookimpl
def efgan_components(register: Register) -> None:
    def offer(kind: str, name: str, target: str, summary: str) -> None:
        register(kind, name, f"{_HERE}.{target}", summary)

    offer("graph", "ef-gan", "graphs.ef_gan:EFGAN", "One EF-GAN: four branches, refiner, hierarchical critics")
    offer("graph", "cascade-ef-gan", "graphs.cascade_ef_gan:CascadeEFGAN",
          "Several EF-GANs in sequence, each editing a part of the way")

    offer("generator", "attention-resnet", "generators.attention_resnet:AttentionResNet",
          "The paper's Expression Transformer: residual blocks, colour and attention maps")
    offer("generator", "direct-resnet", "generators.direct_resnet:DirectResNet",
          "StarGAN's: redraws the whole region, without an attention map")
    offer("generator", "warp-and-paint", "generators.warp_and_paint:WarpAndPaint",
          "U-Net driven by the change of AUs: moves pixels first, then paints")

    offer("refiner", "paste-and-refine", "refiners.paste_and_refine:PasteAndRefine",
          "The paper's refiner: redraws the face from the pasted initial outputs")
    offer("refiner", "residual-refiner", "refiners.residual_refiner:ResidualRefiner",
          "Corrects the pasted face by a small residual")

    offer("discriminator", "patch-critic", "discriminators.patch_critic:PatchCritic",
          "The paper's discriminator: strided convolutions, patch scores, optional AU head")

    offer("interpolator", "residual-mlp", "interpolators.residual_mlp:ResidualMLP",
          "Interp(y_x, r) learned on top of the straight line")
    offer("interpolator", "linear", "interpolators.linear:Linear", "The straight line y_x + r, clamped")
    offer("au-discriminator", "au-critic", "interpolators.au_critic:AUCritic", "Critic of AU vectors")

    offer("loss", "wgan-gp", "losses.wgan_gp:WGANGP", "Adversarial loss, Eq. 1")
    offer("loss", "relativistic", "losses.relativistic:Relativistic",
          "Relativistic pairing adversarial loss with zero-centred penalties")
    offer("loss", "au-regression", "losses.au_regression:AURegression", "Conditional expression loss, Eq. 2")
    offer("loss", "cycle-l1", "losses.cycle_l1:CycleL1", "Content loss, Eq. 3")
    offer("loss", "attention-norm", "losses.attention_norm:AttentionNorm", "Attention loss, Eq. 4")
    offer("loss", "attention-smoothness", "losses.attention_smoothness:AttentionSmoothness",
          "Total variation of the attention maps, GANimation's")
    offer("loss", "interpolated-aus", "losses.interpolated_aus:InterpolatedAUs", "Interpolation loss, Eq. 5")
    offer("loss", "paired-l1", "losses.paired_l1:PairedL1",
          "L1 to the true picture, where the person has one under the target AUs")
    offer("loss", "au-teacher", "losses.au_teacher:AUTeacher",
          "AU error read by frozen regressors fitted to the training split")
    offer("loss", "flow-smoothness", "losses.flow_smoothness:FlowSmoothness", "Keeps flows smooth")

    offer("optimizer", "adam", "optimizers:adam", "Adam (Kingma and Ba 2014)")
    offer("optimizer", "muon", "optimizers:muon", "Muon (Jordan et al. 2024)")
    offer("schedule", "constant-then-linear", "schedules:ConstantThenLinear",
          "Constant, then linear to 0: the paper's schedule")

    offer("dataset", "drawn-faces", "datasets.drawn_faces:DrawnFaces",
          "Faces drawn by code: the truth under any AUs is known")
    offer("dataset", "photo-folder", "datasets.photo_folder:PhotoFolder", "A folder of pictures with OpenFace's labels")
    offer("dataset", "mixed", "datasets.mixed:Mixed", "Several data sets as one, in given shares")
    offer("dataset", "rafd", "datasets.rafd:rafd", "The Radboud Faces Database, with OpenFace's labels")
    offer("dataset", "cfee", "datasets.cfee:cfee",
          "Compound Facial Expressions of Emotion (CFEED), with OpenFace's labels")

    offer("extractor", "person-net", "extractors.person_net:PersonNet",
          "Small embedding that tells people apart, fitted to the training split")
    offer("extractor", "au-features", "extractors.au_features:AUFeatures",
          "Pooled features of an AU regressor, fitted to the training split")

    offer("metric", "au-error", "metrics.au_error:AUError", "AU error of edit, copy and truth, read by a judge")
    offer("metric", "picture-error", "metrics.picture_error:PictureError",
          "PSNR, SSIM and L1 to the truth, beside a copy's, by region")
    offer("metric", "attention", "metrics.attention:Attention", "Whether attention maps are saturated")
    offer("metric", "self-edit", "metrics.self_edit:SelfEdit", "L1 of faces edited to their own AUs")
    offer("metric", "cycle-error", "metrics.cycle_error:CycleError",
          "Whether faces edited and edited back are the sources again")
    offer("metric", "identity", "metrics.identity:Identity", "Whether the edit still shows the same person")
    offer("metric", "frechet", "metrics.frechet:Frechet", "Frechet distance of edits and true pictures")
    offer("metric", "kernel-distance", "metrics.kernel_distance:KernelDistance",
          "Kernel distance (KID's) of edits and true pictures")
    offer("metric", "expression-accuracy", "metrics.expression_accuracy:ExpressionAccuracy",
          "Whether a judge sees the expression that was asked for")
    offer("metric", "progress", "metrics.progress:Progress", "What each module of a cascade adds")

    offer("launcher", "local", "launchers.local:Local", "Processes of this machine")

    offer("landmarker", "openface", "readers.openface:OpenFace", "Reads the CSV files of OpenFace's FaceLandmarkImg")
    offer("landmarker", "pyfeat", "readers.pyfeat:PyFeat", "Reads a CSV file that py-feat wrote")
    offer("au-labeller", "openface", "readers.openface:OpenFaceAUs", "AU intensities that OpenFace measured")
    offer("au-labeller", "pyfeat", "readers.pyfeat:PyFeatAUs", "AUs that py-feat measured")

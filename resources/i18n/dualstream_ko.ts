<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>DualStream</name>
    <message>
        <source> and {} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0: not at all; a rare class may never be found. 1: as if all classes were equally frequent, with more false alarms. It cannot be combined with the loss ohem. Automatic: 0.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;b&gt;On this computer:&lt;/b&gt; PyTorch for {title}. {reason} About {download:g} GB are downloaded and {disk:g} GB of the disk are used; {free:.0f} GB are free. The folder is {home}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A file of weights (.pth) that a script saved with torch.save, the name of its network, its classes, and how its images were scaled. No code in the file is run.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A model file for &lt;i&gt;Segment with DualStream&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Weights &lt;i&gt;best.pth&lt;/i&gt;, Network &lt;i&gt;unet-resnet50&lt;/i&gt;, Classes &lt;i&gt;0 background&lt;/i&gt; and &lt;i&gt;1 building&lt;/i&gt;, Scaling of pixel values &lt;i&gt;imagenet&lt;/i&gt;, Tile size &lt;i&gt;224&lt;/i&gt;, Model &lt;i&gt;best.safetensors&lt;/i&gt;, then Run.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A mask of any size, or any raster whose values are classes.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; Each area of pixels that share sides becomes one polygon with its class, name, area in square metres (area_m2), number of pixels and, with a confidence raster, mean confidence in percent. The GeoPackage contains a style with the classes&apos; colours.&lt;/p&gt;&lt;p&gt;First holes are filled, then small polygons are left out, both by the area of their pixels. Then outlines are simplified or made right-angled, as long as the area of each changes by no more than a fifth; area_m2 is the area of the final outline. Areas and distances are measured on the ground, for masks in degrees too; for a mask without a coordinate system they are in pixels. If there is no polygon, the layer is empty.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Mask &lt;i&gt;demo/mask.tif&lt;/i&gt;, Minimum area &lt;i&gt;10000&lt;/i&gt;, Simplify &lt;i&gt;20&lt;/i&gt;, then Run. For buildings tick Right angles instead.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A mask, or polygons made of one, and labels of the same land that the training did not see: a class raster, polygons, or points that are a sample.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A page for the Results Viewer: IoU, precision, recall and F1 of each class, which class is taken for which, how well outlines agree, how many objects such as buildings are found, and where mask and labels differ. If the labels are a random or stratified sample, it also estimates the area of each class with a 95 % confidence interval (Olofsson et al. 2014).&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; With the demo&apos;s files: Mask &lt;i&gt;demo/mask.tif&lt;/i&gt;, Labels &lt;i&gt;demo/unseen/labels.gpkg&lt;/i&gt;, Field with the class &lt;i&gt;class&lt;/i&gt;, then Run. Read the sentences at the top of the page first.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A model file from &lt;i&gt;Train DualStream&lt;/i&gt; or &lt;i&gt;Import weights&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; An ONNX file that takes pixel values as they are in the rasters and gives the probability of each class. It is compared with the model before it is kept. A model of two streams has two inputs, image and auxiliary, and needs both: give NaN where one is missing.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Model &lt;i&gt;demo/model.safetensors&lt;/i&gt;, ONNX file &lt;i&gt;model.onnx&lt;/i&gt;, then Run. The log says how close the file is to the model.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A model, and a folder of images such as a competition&apos;s with &lt;i&gt;test.csv&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; Run lengths in &lt;i&gt;submission.csv&lt;/i&gt;, -1 for a mask without a pixel, and a picture of each image in the classes&apos; colours. For a folder with &lt;i&gt;test.csv&lt;/i&gt; the table has one row per image, img_id and mask_rle, in the order of that file; the mask is everything but the background. For any other folder it has one row per image and class.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Model &lt;i&gt;buildings.safetensors&lt;/i&gt;, Folder of images &lt;i&gt;competition&lt;/i&gt; with its files &lt;i&gt;test.csv&lt;/i&gt; and &lt;i&gt;test_img/0001.png&lt;/i&gt;, Results &lt;i&gt;results&lt;/i&gt;, then Run, and hand in &lt;i&gt;results/submission.csv&lt;/i&gt;. For masks as georeferenced rasters use &lt;i&gt;Segment many scenes&lt;/i&gt;.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A model, and a folder of rasters, a scenes table, or raster layers.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A mask for each scene on its image&apos;s grid, with the names and colours of the model&apos;s classes. A summary lists the result of each scene and the area of its classes; mosaics show all masks as one layer.&lt;/p&gt;&lt;p&gt;If a scene cannot be segmented, the run continues with the others, and the summary gives the reason. Run it again with the same parameters and folder to compute only the scenes without a finished mask: after a cancel or a crash, or when scenes were repaired or added.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Model &lt;i&gt;demo/model.safetensors&lt;/i&gt;, Raster layers instead &lt;i&gt;demo/unseen/image.tif&lt;/i&gt;, Auxiliary rasters &lt;i&gt;demo/unseen/air.tif&lt;/i&gt;, Masks &lt;i&gt;masks&lt;/i&gt;, then Run. The summary opens in the Results Viewer.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; Nothing: it also runs before &lt;i&gt;Set up DualStream&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A page for the Results Viewer with a verdict on top: Python, PyTorch, the device, the graphics card and its driver, why the card is not used, memory, disk space and pretrained weights. Nothing is sent anywhere.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Click Run and read the first line. If it asks for &lt;i&gt;Set up DualStream&lt;/i&gt;, run that and check again.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; a data set: a folder in one of the layouts that are listed below, or a CSV table with a row for each scene.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; one model file, which &lt;i&gt;Segment with DualStream&lt;/i&gt; applies to whole scenes, and a report beside it.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; a table scenes.csv with the lines &lt;i&gt;image,auxiliary,labels,split&lt;/i&gt;; &lt;i&gt;north.tif,north_dem.tif,north.gpkg,train&lt;/i&gt;; &lt;i&gt;south.tif,south_dem.tif,south.gpkg,validation&lt;/i&gt;. Data set: scenes.csv; Field with the class, under Advanced: class; Model: land.safetensors. Run.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; a model file (.safetensors).&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a page (HTML), which opens in the Results Viewer: the bands with names and values, the second stream, classes with their scores, whether probabilities are calibrated, the training with its options, the licence of the weights that it started from, and the models that it was trained on from.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; a colleague gives you &lt;i&gt;water.safetensors&lt;/i&gt;. Choose it as model and click Run: the page says that it needs red, green, blue and near infrared at 10 m, and that it found water with an IoU of 0.91.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; a model file, and a scene of any size with the bands that the model was trained on; for a model of two streams also its auxiliary rasters, of any coordinate system and resolution. Under the model&apos;s field the dialog shows what the model needs, and what does not fit: red will be refused, orange may make the mask worse.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a mask with the image&apos;s grid and coordinate system, and the names and colours of the model&apos;s classes. Where the image has no data, the mask has no data.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; zoom to a part of your image that you know. Choose &lt;i&gt;water.safetensors&lt;/i&gt; as model, the image, and its air quality raster as auxiliary raster. Click &lt;i&gt;Map view&lt;/i&gt; beside Extent, then Run: a preview of the view takes seconds, and less the second time, because the engine stays ready for five minutes. Satisfied? Clear the extent, choose a file for the mask, and run again.&lt;/p&gt;&lt;p&gt;Several models of the same classes are usually better than one. Each may have its own tile size and bands.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; an image and labels: polygons with a field that names their class, or a raster of classes. If you have them, auxiliary rasters on any grid. A few hundred labelled pixels of each class in several places are a start.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; one model file, which &lt;i&gt;Segment with DualStream&lt;/i&gt; applies to whole scenes, and a report beside it.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Image: a satellite image; Labels: polygons of forest, water and fields, with their kind in the field &lt;i&gt;class&lt;/i&gt;; Field with the class: class; Auxiliary rasters: an elevation model; Time in minutes: 10; Model: land.safetensors. Run. Then apply land.safetensors to another image of the same bands.&lt;/p&gt;&lt;p&gt;The log shows the number of labelled pixels of each class, the accuracy after each validation, and the time left. If a training is cancelled or crashes, run it again with the same parameters: it continues after its last finished epoch.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; the internet and some minutes, but no administrator rights. Without internet, a folder of packages that another computer has filled.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a Python environment in your own folder. Training and segmenting run in it, so that its packages and those of QGIS cannot disturb each other.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; leave everything as it is and click Run. &lt;i&gt;Check the installation&lt;/i&gt; says how it went.&lt;/p&gt;&lt;p&gt;Run it again to repair the installation, after an update of DualStream, or to choose another build of PyTorch. You may cancel it at any time: what was downloaded is kept, and an engine that works stays in use until the new one is complete.&lt;/p&gt;&lt;p&gt;In an office network it uses the proxy and the certificates of QGIS (Settings &amp;gt; Options &amp;gt; Network and Authentication) and those of the system. The address of another package index is a setting in Options &amp;gt; Processing &amp;gt; Providers &amp;gt; DualStream.&lt;/p&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A CPU does not train or segment in fp16: use auto, fp32 or bf16.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A competition&apos;s folder with test.csv (columns img_id and img_path) and test_img, a folder with test/rgb and test/ngr or with rgb and ngr, or any folder of rasters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A disagreement raster compares models: give several, or leave it out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder in DualStream layout (ts_sn, tl_sn, t_ap, t_gems; vs_sn, vl_sn, v_ap, v_gems), in cloud layout (train/rgb, train/ngr, train/label; val/...) or in a building competition&apos;s layout (train_img and train.csv with the columns img_id, img_path and mask_rle), or the path of a CSV table with the columns image, auxiliary, labels and split.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder of rasters, each of which is a scene; or the path of a CSV table with the column image and the optional columns auxiliary (several rasters are separated by ;) and name, the name of the mask. Relative paths in a table start at the table&apos;s folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A mask from &quot;Segment with DualStream&quot;, any other raster of one band whose values are classes, or polygons such as footprints. Polygons are compared pixel by pixel on the grid of a class raster, so the labels must be one then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A mask from &quot;Segment with DualStream&quot;, or any raster of one band whose values are classes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model file (.safetensors) from &quot;Train DualStream&quot;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model file from &quot;Train DualStream&quot;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model file from &quot;Train DualStream&quot;. It stores the bands and the scaling it was trained with, and the classes with their names and colours. Several models of the same classes form an ensemble; or give one ensemble file (.json) with the models and their weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model file whose training goes on with these data: new labels, another town, another year. Network, encoder, tile size and chosen bands are that model&apos;s; leave those parameters as they are. The images need the same bands. Classes of the same name keep what the model knows of them. A tenth of the epochs is often enough. Empty: the training starts anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A page is written about a model file: name one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A row for each class in the network&apos;s order: its value in the mask, its name and, if you like, its colour. A network with one output has two classes, background first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A threshold ({:g}) chooses between two classes; this model has {}, of which the most probable wins. Leave it out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A threshold ({:g}) chooses between two classes; this network has {}, of which the most probable wins. Leave it out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A tile of {} x {} px cannot be segmented: its sides must be multiples of 32.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Accuracy of a mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Accuracy report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also write a raster beside each mask with the probability of each pixel&apos;s class, in percent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An earlier run of {} is given up, with {}: its inputs, models, options or outputs were others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An epoch takes {:.3g} s: {} epochs instead of {} fit into {:g} min.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another run is writing {}: wait until it ends, or choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Architectures: {}, and any of segmentation-models-pytorch as smp:Architecture:encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Area in square metres</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As ONNX the network {} gives other probabilities, by up to {:.3g}: it is not used. Please report this with the model&apos;s card.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking the engine…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Augmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Augmentation: {} (for images of type {}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Auxiliary rasters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Averaging of weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Band {} of the {} stream has no spread: its standard deviation must be above 0.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bands and computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bands of the auxiliary rasters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bands of the image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bands of the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batches of {} do not fit into the memory in {} begins again with batches of {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batches of {} do not fit into the memory: {} begins again with {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batches per step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Build of PyTorch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Built for CUDA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled after epoch {} of {}: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled before an epoch was finished: the {} of {} epochs of the earlier training are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: no picture was finished, and no table was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: no table was written. Number of finished pictures in {}: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: run it again to finish; downloaded files are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check of DualStream&apos;s installation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the installation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the engine on this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a scenes table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose where to save the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Class value {} cannot be stored in a mask: use whole numbers from 0 to 65534.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Class weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes (values)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes for copy-paste</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes of the labels that are one in the mask, separated by commas: on the left names or values, on the right the class of the mask, such as river+lake=water.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes to train as one, separated by commas: on the left names or values, on the right the name of the result, such as 8+10=thin cloud,river+lake=water.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes whose objects are copied into other tiles, separated by commas: name, name:soft (faded edge) or name:companion (moves with the nearest object, as a shadow does). Empty: the classes that the data set&apos;s layout defines.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Colour (#rrggbb)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Combination of several models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compares a mask with known classes and writes a report with tables and pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing the file with the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Competition table from a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compressing the mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compute on a pool (ray, ray://host:port)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidence of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Confidence rasters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue an unfinished training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cores of each process</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data set (folder or scenes table)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Direction in which the run lengths count pixels, from 1. row: from left to right, row by row. column: from top to bottom, column by column.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Direction in which the run lengths in train.csv count pixels. row: from left to right, row by row. column: from top to bottom, column by column. Only for data sets in a competition&apos;s layout.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disagreement of models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disagreement of models on {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream can run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream cannot run yet. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream does not use this environment but the Python that you chose: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream is ready and computes on the processor, which is slower than a graphics card. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream is ready and computes on {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DualStream: segmentation of two fused raster streams</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Each training tile shows a square of random size, from one tile to this many tiles wide, so that the network also sees objects at smaller scales. 1: always one tile. Automatic: 2.3 for the building networks, 1 for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Empty: one engine on this computer, one scene after another. ray: several scenes at a time on this computer. ray://host:port or auto: on a running Ray cluster whose computers see the same files. The engine needs the package ray for it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Encoder: {}, from random weights.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Encoder: {}, from the weights {} ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Encoders&apos; share of the rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Epoch {} of {} was finished: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Epochs between checkpoints</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Epochs between validations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Epochs run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every other setting of the training, such as learning rate, loss, augmentation, bands and the share that is kept for validation. Empty: what is best for the network. The button shows them all, with their defaults. In scripts: pairs such as learning_rate=0.0005 loss=ce+dice image_bands=4,3,2, or the path of a JSON file with these names.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export to ONNX</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Extent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Favour rare classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Field of the mask, if it is polygons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Field with the class (not of a raster)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Field with the class (polygons only)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Field with the class (tables with polygons)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill holes up to (square metres)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finished already and kept: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finished and kept beside {}: {} of {}; the same command goes on from there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for submission.csv and, in its subfolder results, one picture per image. Other files in the folder are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for the masks, which have the names of their scenes, the summary (summary.html, summary.csv) and the mosaics. Other files in the folder are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder of images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder of packages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder of the pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For a computer without internet: a folder that was filled on another one (make wheels), with all packages for this system. Empty: they are downloaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fusion&apos;s share of the rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GeoPackage with the polygons, their attributes and their style.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GeoTIFF of the classes on the image&apos;s grid, with their names and colours.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give either a dataset or an image with labels, not both.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give either a folder or table of scenes, or raster layers, not both.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give either a model file or an architecture, not both.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give either a model to start from ({}) or pretrained weights of the encoder ({}), not both: the model has an encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give either scenes (a scenes table, or a folder of rasters) or images, not both.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give either the normalisation imagenet or mean and std, not both.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ground resolution in metres</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>HF_HUB_OFFLINE is set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>HTML files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Holes up to this area are filled. A polygon inside a filled hole remains a polygon.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much the pixels of a class count in the loss, such as water=3,clouds=0.5, with names or values; other classes count 1. balanced: by the inverse square root of each class&apos;s share of the pixels. They act on ce, ohem, focal and focal-dice, and cannot be combined with favouring rare classes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How often a copy of the model is saved in the folder MODEL.checkpoints. 0: never.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How often the accuracy is measured and example pictures are written. Automatic: every 5 epochs for CMX, every epoch for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How often the network sees the whole training area; the model is that of the best epoch. Automatic: as many as give about equally many steps for any amount of data; 60 for CMX, 40 for the building networks, which stop earlier if the loss no longer falls.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How strongly the optimiser pulls weights towards zero. Automatic: 0.001 for the building networks, 0.01 for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How the training scaled its images. imagenet: RGB by ImageNet&apos;s means, as most scripts do. given: by the means and standard deviations below.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If a training with the same model file and the same settings was cancelled or crashed, it continues after its last finished epoch, with the same result as without the interruption. false: training starts again; the files of the earlier one are moved to MODEL.checkpoints.before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>If the image&apos;s pixels are more than 10 % larger or smaller on the ground than those the model was trained on, the image is resampled for the model. The mask keeps the image&apos;s grid.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignored classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ignored classes of the labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Image, or several</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Image:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In no mosaic, without coordinates, not north up, or with a name that XML cannot hold: {} ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Installation report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Installs or repairs the Python packages that DualStream needs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It is not resampled for the model, so sizes of things will differ.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its licence binds: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labelled area</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels (class raster or polygons)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels (class raster, polygons or points)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels are a sample of the whole mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Labels that are a sample of the whole mask have no area: leave the area out, or cut the mask to it and evaluate that.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest distance, in metres, by which an outline may move to have fewer corners; about one pixel removes the stairs of its edges. 0: the outline follows the pixels. If an outline would share less than 80 percent with its pixels, as thin and small ones may, it moves less or not at all. Neighbours are simplified one by one, so gaps and overlaps of this size may occur. With right angles: walls and recesses shorter than this may disappear.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest pixel value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest step size of the optimiser. Make it smaller if the loss jumps. Automatic: 0.0003 for CMX, 0.001 for all others; a third of it if the training starts from a model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Largest tile, in tile sizes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate of the encoders, as a multiple of the learning rate; with pretrained weights, of the encoders that start from them, while others learn at the full rate. Automatic: for CMX 0.1 with pretrained weights, 1 for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate of the layers that fuse both streams, as a multiple of the learning rate. Automatic: 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave out blocks with a smaller share</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line {} of the table {} ends before the column {!r}; the table seems to be cut off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line {} of the table {} has the {} {!r}: it must be a name without slashes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line {} of {} has more cells than the table has columns: a path or name with a comma must stand in quotation marks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line {} of {} must name {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line {} of {}: the split {!r} is unknown; use train or validation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Line {} of {}: the {} {} does not exist.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lines about scenes that are not shown here: {}. See the summary.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at scenes and labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking at the data…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make outlines right-angled, each along its own main direction, as buildings are. If the walls of a small or thin outline cannot be found, it becomes the rectangle around it. If an outline would change too much, it is only simplified, by the distance above or about a pixel, or stays as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Makes a model file from weights that were trained with segmentation-models-pytorch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Maps a whole scene with trained models: every pixel gets a class.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Maps any number of scenes with the same models, which are loaded once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask (class raster or polygons)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask and confidence are the same file {}: give the confidence raster of the same run, or none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask and labels are both polygons, and without pixels there is nothing to count: give one of them as a raster, such as the mask from which the polygons were made.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask and labels are the same layer: there is nothing to compare.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask and labels hold {} from {} to {}: classes are at most {} whole numbers from 0 to 65534. Choose a mask, or reclassify the raster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask of 1 scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask to polygons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask, confidence and disagreement need different names.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masks of {} scenes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Match the ground resolution</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean IoU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean boundary F1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean intersection over union</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean of each band</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measuring how fast {} is here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Merged classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Merged classes of the labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Method that changes the weights. adamw subtracts the weight decay from the weights, adam adds it to the gradient. Automatic: adam for the building networks, adamw for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minimum area in square metres</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model information</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model(s)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mosaic of the masks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVIDIA driver</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names for the values of a class raster, and colours for the mask; the colour may be empty. Needed only where the labels have no names of their own or other ones are wanted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names of the classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names or values of classes, separated by commas, such as 255 or clouds. Their pixels are not compared.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Names or values of classes, separated by commas, such as 255 or clouds. Their pixels count as unlabelled: the network does not learn from them, and validation leaves them out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No epoch could be scored: the validation part has no labelled pixel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No file in {} has the name of an image in {}: files of one scene need the same name (endings may differ).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No labelled pixel is left for training: every scene is for validation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No labelled pixel is left for validation: label more of the image, or mark scenes of the table as validation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model file can describe this network: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No pixel of the image is labelled: do labels, area and image overlap?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No polygon of the labels covers a pixel: do polygons, area and image overlap, and do they have the right coordinate systems?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No polygon was found: {} has no area{} of {}. The layer {} is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No training block has a share of {:g} of other classes than the first; the largest is {:.4f}. Make least_foreground smaller, or 0 to learn from all.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not in {} and so not scored: {} of {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to learn from yet: give {} ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to segment: give a folder of rasters, a scenes table, or raster layers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number format of the computation. auto: the fastest one that is safe on the device.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of batches whose gradients are added up for one step of the optimiser: the effect of a large batch with little memory. Automatic: 4 for CMX, 1 for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of epochs at the start in which the encoders do not change; with pretrained weights, only the encoders that start from them. Automatic: for CMX a tenth of the epochs with pretrained weights, 0 for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of pixels by which neighbouring tiles overlap. Their results are blended there, which hides seams. Automatic: an eighth of the model&apos;s tile size.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of processes, each of which loads the models and segments one scene at a time. Automatic: one for each graphics card, or one for every four processor cores.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of processor cores of each process on Ray. Automatic: an equal share of all cores.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of tiles that are processed together. Automatic: the number that is fastest on the device. If the memory runs out, DualStream processes fewer at a time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of tiles that are processed together; 0: as many as fit into the memory of the device. If the memory runs out, DualStream processes fewer at a time; each step still uses the same number of tiles.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Numbers of the bands to use of each image, separated by commas and counted from 1, in this order. Empty: all bands.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Numbers of the bands to use of each image, separated by commas and counted from 1, in this order. Empty: the bands that the model was trained on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Numbers of the bands to use, separated by commas and counted from 1 through all auxiliary rasters. Empty: all bands. With this, one raster can be both image and auxiliary raster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ONNX file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ONNX files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ONNX,export,convert,model,network,Deepness,onnxruntime,deployment,inference</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On Ray, several processes compute parts of a scene that has more million pixels than this. The mask is the same as from one process.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On a CPU each process normalises by the windows of its own batch (batch norm): the weights differ slightly from those of one process with the joined batch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One HTML file, readable in any browser and without the internet. Choose a file to keep it: a temporary one is deleted when QGIS closes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One HTML file, to read here or to send with a question.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One file, which any browser shows without a network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only one of {} and {} has a coordinate system: assign the right one to the other (Raster &gt; Projections), otherwise they cannot be aligned.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only pixels inside these polygons are compared. Empty: wherever there are labels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only pixels inside these polygons count as labelled. Empty: the whole image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only validation scenes have auxiliary rasters: give them for training scenes too, or for none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only with given: the value by which each band was divided, as a share of the largest pixel value.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only with given: the value that was subtracted from each band, as a share of the largest pixel value, separated by commas, such as 0.5,0.5,0.5.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only with several models: raster with the share of models, in percent, whose class differs from the mask&apos;s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Optional libraries</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outlines of mask and labels agree where they are no farther apart than this. The report also says it in metres.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outlines the areas of a mask&apos;s classes, such as the footprints of buildings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Overlap of tiles in pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Page about the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste gives {!r}; after the colon comes soft or companion, or leave it out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste names companions only; name the class that they travel with too.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste names the class {!r} twice; give it one role.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste names {!r}; the classes are {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Patience</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixel accuracy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixels outside every polygon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Polygons of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pool: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pretrained weights here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Probability that a training tile is shown without its auxiliary rasters, so that the model also works where they are missing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processes on Ray</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PyTorch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Python of the engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>QGIS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Random changes of training tiles, joined by +: flips, copy-paste, affine (shift, scale, rotate), rotate, brightness, hsv, clahe, jitter (colours), gray; or none. Automatic: flips+affine+brightness+hsv+clahe+copy-paste for CMX, flips+rotate+jitter+gray for the building networks; for all others flips+affine+jitter+gray if the image is an 8-bit picture, else flips+affine+brightness.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Raster layers instead</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Raster with the probability of each pixel&apos;s class, in percent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ray cannot be loaded ({}): install it anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ray could not be started on this machine ({}): leave the option on empty, which needs none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the first tiles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recipe of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right angles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run it again with the same parameters: it continues after the rows that are finished.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run lengths</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run lengths of a competition</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runtime used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runtime: {}{}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Says whether DualStream can run here, on which device, and what to do if not.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scaling of pixel values</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scenes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scenes (folder or table)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scenes finished before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scenes of one name get others: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scenes segmented</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scenes tables</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scenes that failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Second stream:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment many scenes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment only this part, in any coordinate system. Empty: the whole image. The button Map view takes what the map shows, for a preview in seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment with DualStream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segments every image of a folder into a table of run lengths, and pictures.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set up DualStream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set-up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Several models cannot be combined by {!r}; choose {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share kept for validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the labelled area, 0.01 to 0.9, on which the accuracy is measured. It consists of whole blocks, from which the network never learns.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of training tiles, 0 to 1, that are drawn around a pixel of a class, with the same probability for each class, so that the network sees rare classes. Automatic: 0.5 for CMX, 0 for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of training tiles, 0 to 1, that must show another class than the first one, wherever there is one. Automatic: 1 for the building networks, 0 for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all settings with their defaults</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows what a model needs, which classes it finds, how good it is, and where it comes from.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Side of the square that the network sees at once, in pixels; a multiple of 32. The model file stores it, and segmenting uses it too. Make it smaller if the memory runs out. Automatic: 512 px with a GPU and 256 px without one (224 px for the building networks), but never larger than the smallest image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Side of the square, in pixels, to which the auxiliary rasters of a tile are resampled. Automatic: computed from the resolutions of the rasters.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Side of the training&apos;s images, a multiple of 32.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Simplify by up to (metres)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size of a pixel of the training&apos;s images on the ground. With it, images of another resolution are resampled for the network. Not set: unknown, and no image is resampled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smaller polygons are left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Some images are smaller than a tile, the smallest {} px: their tiles are padded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Split scenes above (million pixels, 0: never)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Standard deviation of each band</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start from a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start value of all random numbers. On the CPU of the same computer, the same seed gives the same model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the engine…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stream dropout</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Summary</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Summary as a table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>System</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Table of run lengths</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tables of run lengths have no coordinates, no fields and one class: leave out area, class_field, ignore and merge.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tables of run lengths have no report and no sample: leave out report and sampling.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Table…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test-time augmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The ImageNet weights of the encoder {} could not be fetched ({}): choose tf_efficientnet_lite0, whose weights come with the engine, give a file that holds weights, or none to start from random ones.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The attribute with each polygon&apos;s class, where a scenes table names polygons as labels. Empty: all polygons are one class.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The attribute with each polygon&apos;s class. Empty: all polygons are one class.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The attribute with each polygon&apos;s class. Empty: all polygons are one class. It is not used with a class raster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The attribute with the class of each polygon of the mask. Empty: the field class, which &quot;Mask to polygons&quot; writes, or all polygons are one class.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The augmentation copy-paste can do nothing: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The augmentation copy-paste does nothing now: a batch of one tile has no other to paste from.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The augmentation {!r} has a part {!r} that is not one of {}; join parts with +, or give {!r} alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The auxiliary rasters ({}) have no band {}: together they have {}, counted from 1 through all files. Choose among those, or none to use all.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The auxiliary rasters of {} have {}, those of {} {}: all scenes need the same stack.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The bands to use, in this order. Nothing selected: the bands that the model was trained on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The batch size must be at least 1, or 0 for what is fastest, and at most {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The best weights {} cannot be read ({}): remove the folder to begin anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The card of {} is damaged: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class name {} is not of the form value=name or value=name=#rrggbb.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class table holds a class whose background is {}, not true or false.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class table holds a class whose {} is {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class table holds {}: a class has a value, a name, a colour, optionally background, and nothing else.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class table inside {} is damaged ({}): segment the image anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class table is out of order: value {} comes after {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class value {} is twice in the class table.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class weight {} is not of the form class=weight with a number above 0, such as water=3; or balanced alone, which weights all classes by their pixels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class {!r} (value {}) has no labelled pixel to train on; found: {}. Label some of it, or leave the class out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class {} has no name: give it one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class {} is in two merges, the second is {}: take it out of one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The cluster has no room yet for {}: the run waits until it has. Ask for fewer cores, or end what else is computed there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The colour {} of class {} is not of the form #rrggbb.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The colour {} stands for two classes, {} and {}: give each class a colour of its own, and none that the data&apos;s layout has for another.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The confidence raster of the same run, in percent. Each polygon gets the mean of its pixels in the field confidence.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The confidence raster {} ({} x {} px) does not lie pixel by pixel on the mask {} ({} x {} px): give that of the same run, or none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The confidence raster {} is in {}, the mask {} in {}: give that of the same run, or none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The coordinate system of {} is unknown ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The dataset {} does not exist: give a folder or a scenes table (CSV).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The details for a report are under View &gt; Panels &gt; Log Messages &gt; DualStream.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The device all is for training: choose auto here, or map many scenes with segment-folder and --on ray, which uses every GPU.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The device all: {}, so auto is used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The device {!r} is a single one, but this training has {} processes: leave it at auto for a GPU each, or choose cpu.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The device {!r} is unknown: use auto, cpu, cuda, cuda:0 or mps.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The disk of {} has {} free, and the run needs about {}: free some, or choose another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The encoder {} cannot be used: its features do not have the strides 4, 8, 16 and 32, or its stages are not applied one after the other. Choose a pyramid, such as tf_efficientnet_lite0, convnext_tiny or pvt_v2_b1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The encoder {} cannot take tiles of {} px: {}. Choose another tile size or encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is running and loads its libraries…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine was sent a line that is {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s folder is {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The ensemble file {} cannot be read: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The ensemble file {} must hold an object with a list of members, each with a model and optionally a weight, and optionally combine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The ensemble file {} names its members itself: give it alone, or the model files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The error that training minimises; + takes the mean of several losses, and 0.7*focal+0.3*dice their weighted sum. Automatic: ohem+dice for CMX, focal-dice for the building networks, ce+dice for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The extent cannot be brought from {} to the image&apos;s coordinate system ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The extent lies outside of {}: choose a part of the image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The extent {} lies outside the image {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The field {} is {}: it {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The field {} must be a list, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The field {} must be of type {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The field {} must have {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file of weights {} cannot be read ({}): it is no .safetensors file, or damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file to write, .onnx.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file {} gives the probabilities of {}: on random tiles they differ by at most {:.1g}.{}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first stream, which defines the grid: one raster, or several with the same bands, such as the tiles of a town. Labels and auxiliary rasters belong to all of them; in scripts a folder stands for all rasters in it. A scene to segment later needs the same bands in the same order.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The first worker is still starting: it loads the engine&apos;s libraries.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder {} for pictures of the validations cannot be used ({}): rename what is in its place.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder {} has no known layout. DualStream&apos;s has ts_sn (images), tl_sn (labels), t_ap and t_gems (auxiliary), and the same with v for validation; the clouds&apos; has train/rgb, train/ngr and train/label, and the same in val; a competition&apos;s has train.csv (img_id, img_path, mask_rle) and train_img; or give a scenes table (CSV).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The image is resampled for the model; expect a less accurate mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The image {} has no labels: give a class raster or polygons.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The image {} is given twice: give it once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images of the scenes, as layers of the project or files, instead of a folder or table. For thousands of images use a folder: QGIS opens each layer first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The images {} and {} have one name, by which the labels in {} are found: rename one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The input {} would be written over: choose another output folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The job file is not JSON: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The job file must hold one JSON object with the job&apos;s fields.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The job file {} cannot be read: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The job has no field {}; it knows {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The known classes, in any coordinate system; best of land that the training did not see. Names or values of the classes are those of the mask. Points are for a sample (see below): each is the class of the pixel in which it lies.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The known classes: a raster whose pixel values are classes, or polygons, in any coordinate system. With several images, one layer for all. The filter of a polygon layer applies. Names and colours of a raster&apos;s values come from its palette, category names or attribute table, or from the style (.qml) saved beside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels hold one class only ({}): a segmentation needs at least two. Are pixels outside the polygons to be background?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels hold the class {!r}, which the mask does not know: it has {}. If it is one of these, say so with merge, as {}={}; if it does not count, ignore it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels hold the class {}, which the mask does not know. If pixels outside the polygons are unknown, say unlabelled ignored.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels {} and the mask {} share no labelled pixel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels {} are a coloured picture (3 bands) and no colour is known: say which is which class with class names such as 0=background=#000000 and 1=cloud=#ff0000.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels {} declare a nodata value that is part of a colour: take the declaration away (gdal_edit.py -unsetnodata), or use an alpha band.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels {} have the value {:g} at row {}, column {} of the image (counted from 0), which is no class of this layout: its labels are pictures in the classes&apos; colours, or hold {}. Export the picture with its colours, or reclassify the raster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels {} have {} bands; a class raster has one, whose values are the classes, and a coloured picture three of 8 bit (and alpha).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels {} hold the number {}, which their palette lacks: the file seems to be damaged. Export it anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The labels {} hold the value {:g}: class values are whole numbers from 0 to 65534. Reclassify the raster, or ignore that value.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The layer {} comes from a service ({}), not from a file: save it as a GeoTIFF first (right-click the layer &gt; Export &gt; Save As).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The library that computes the network. auto: the fastest installed one, which DualStream measures once per computer and network. torch: PyTorch, as in training. torch-compile: compiled PyTorch, for NVIDIA cards and large scenes. onnxruntime, openvino: often faster on processors, if they are installed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The loss is no longer a number: the training diverged. Try a learning rate ten times smaller than {:g}, or the precision fp32.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The loss {!r} cannot be used: {}. It must name a function in a module that Python finds (add its folder to PYTHONPATH).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The loss {!r} failed on {}: {}: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The loss {!r} has a part {!r} that is not one of {}; join parts with +, or give your own as module:function.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The loss {!r} is no function but {!r}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The loss {!r} must give all its parts a weight, or none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The loss {!r} must return one number as a tensor, not {!r}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask in {}, cannot be used. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask {} ({} x {} px) took {}{} for {}{}{} on {} ({}, {}): {:.3g} million pixels per second.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask {} has no class {}; it has: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask {} is also an input: choose another output folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The masks are in a temporary folder, which is deleted when QGIS closes: copy {} to keep them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The masks cannot lie among the images in {}, for the next run would take them for scenes: choose another output folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mean probability over flipped (flips: 4 views) or flipped and rotated copies of each tile (d4: 8 views). Often a little more accurate, and 4 or 8 times slower.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The member {} of the ensemble file {} must have a model, which is a path, and may have a weight, which is a number.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The member {} of the ensemble file {} {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The memory of {} does not suffice for one tile of {} px: close other programs, choose another device, or train a model with a smaller encoder or smaller tiles.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The merge {} holds a class that is ignored, {}: take it out of one of the two.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The merge {} is not of the form class+class=name, such as 8+10=thin cloud.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The merge {} makes a class that is ignored, {}: give it another name, or do not ignore that class.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The merge {} makes the value {}, but classes have values from 0 to 65534.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The merges {} contradict each other: the class {} is the result of one and part of another. Name all its parts in one merge.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model file (.safetensors), which &quot;Segment with DualStream&quot; applies. It needs a place of its own: a temporary file would be deleted when QGIS closes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model file to write, .safetensors.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model file {} cannot be read ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model file {} is cut off or damaged: its weights take {} bytes, and {} are there. Copy or download it anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model file {} is damaged, or its training went wrong: NaN or infinity stands in {} of its {} tensors ({}). Take another file, or train the model again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model file {} is damaged: {}, by which bands are divided, is not above 0. Take another file, or train the model again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model has no place yet: choose a file under &quot;Model&quot; at the bottom, such as forest.safetensors. A temporary file would be deleted when QGIS closes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model is a temporary file, which is deleted when QGIS closes: copy {} to keep it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model is an exponential moving average of the weights, which is steadier than the last weights. This is its decay per step: the closer to 1, the more steps it averages. 0: no average.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model to start from is also the output, {}, which would be replaced: choose another name for the output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model to start from is in {}, whose files this training moves or removes: copy it to another folder, or choose another name for the output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model to start from, {}, has the {} {}, not {}: leave the {} out, or train without start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model to start from, {}, takes {}, and the data have {}: {}, or train without start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model was trained without auxiliary rasters: those in the folder are not used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model {} is named twice: give each model once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model {} is {} with {} and the weights of {}; its classes are {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model {} was trained with {} auxiliary bands: scenes without them will fail, unless you tick Without the second stream.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The models {} and {} have different classes: the second {}. Models work together on the same classes only: train or import them with the same values and names (class_names).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name {} of class {} {}: give it another.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network does not learn from blocks of the training area in which all classes but the first cover a smaller share (0 to 1) of the labelled pixels. This often causes false alarms. 0: it learns from all blocks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network has {} per pixel, for {} classes, but class_names has {}: give {} as value=name, such as 0=background.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network has {}, but {} has {}{}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network in {} cannot be built: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network of {} gives probabilities that are no numbers (NaN) in {}: its values may be beyond what 16 bits hold. Choose the precision fp32; if that does not help, its weights are damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network of {} gives probabilities that are no numbers (NaN): its weights are damaged, or its training went wrong. Take another model file, or train the model again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network that the weights belong to: pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3, or any other of segmentation-models-pytorch as smp:Architecture:encoder, such as smp:FPN:efficientnet-b4.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network {} cannot take tiles of {} px: {}. Choose another tile size or network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network {} is none of segmentation-models-pytorch, and import reads only their weights: name it as smp:Architecture:encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network {} must name an architecture and an encoder, such as smp:Unet:resnet34.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network {} sees the image only, not {} as well: leave the auxiliary rasters out, or choose a network of two streams.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The network {} with {} cannot be written as ONNX: it uses what ONNX does not have ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The notes of the unfinished run do not say how its network was run: another version wrote them, or they are damaged. Delete them, the file OUTPUT.part.json beside the output, or choose another output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option output is missing: name the model file to write (.safetensors).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option {} is missing: export needs model and output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option {} is missing: import needs weights, architecture and output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option {} is missing: predict-folder needs checkpoint, dataset and output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option {} is missing: segment needs model, image and output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option {} is missing: segment-folder needs model, output_folder and scenes or images.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option {} is {:g}: give 0 or more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The option {} must be at least 1, or 0 to choose it here, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The order {!r} of run lengths is unknown: use {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} cannot be named {}, for its layer has the same name: names that begin with gpkg, sqlite_ or a special character, layer_styles and ogr_empty_table are reserved in a GeoPackage. Choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} cannot be written ({}): choose {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} cannot be written: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} is a folder: give a file name inside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} is also an input: choose another folder or name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} is also an input: choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} is also the weights: choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} is an input too: give another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} is being edited in another program ({} lies beside it): close it there, or give another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} is {}, which no file may replace: give another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The output {} must end in {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The overlap must be from 0 to half of what a tile of the model spans, {} px of the image, not {}. Leave it out to have an eighth.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The package {}, which holds the weights of an encoder, is not installed: set the engine up again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The page (.html) about the training: learning curves, scores of each class and examples. Empty: beside the model, with its name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The part of dualstream-dformer and cmx that sees the image. Automatic: EfficientNet-lite0, whose weights come with the engine; with a GPU that of the original network, if its weights can be fetched. The list tells size, licence and purpose; type mit-b0 to mit-b5 or any pyramid of timm by its name. Leave it as it is for any other network: its name includes the encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture of {}, is missing: there is neither {} beside the table nor a picture {} in {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture {} is also an input: choose another output folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pixel size must be 0 (unknown) or more, not {:g} m.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pixel value that was scaled to 1: 255 for 8-bit images.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The polygons are written as a GeoPackage: {} does not end in .gpkg.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The polygons {} cannot be placed on the image: one of the two names no coordinate system. Assign the right one and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The polygons {} cannot be read: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The polygons {} have no field {!r}; they have: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The polygons {} have no place in the image&apos;s coordinate system ({}): do they name the right one of their own?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The polygons {} name a coordinate system that is kept elsewhere, and DualStream follows no address that it finds in a file: save them anew in a coordinate system that has a code.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The precision {!r} is unknown: use auto, fp32, bf16 or fp16.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pretrained weights {!r} are neither {} nor a file that ends in {}: the encoder {} starts from one of these.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pretrained weights {!r} are neither {}, nor a file that ends in {}, nor a folder with {}: the encoder {} starts from one of these.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pretrained weights {!r} are not a folder, and a hub id needs its revision: write it as name@revision.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pretrained weights {} are not those of a SegFormer encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pretrained weights {} are of {} (channels {}, depths {}), but the encoder is {} (channels {}, depths {}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The raster to segment, with the bands that the model was trained on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rasters of the second stream, in the order that the model was trained on, for all scenes whose row in the table names none. A model that was trained on one stream takes none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rasters of the second stream, in the order that the model was trained on. A model that was trained on one stream takes none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The recipe begins with {}: write pairs of name and value, such as learning_rate=0.0005 loss=ce+dice, or the path of a JSON file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The recipe gives {} twice: give it once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The recipe has no field {}; {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The recipe&apos;s {} must be {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report {} cannot be written: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run lengths hold {!r}: they are pairs of whole numbers, start and length, or {} alone for a mask without a pixel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run lengths hold {}, the last {}: pairs of start and length need an even count; the text seems to be cut off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The run {} {} is impossible: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The runtime {!r} is unknown: use {} or {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same run in a shell:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The sampling {!r} is unknown: use random, stratified, or none if the labels are no sample.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene {} failed. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene {} is left out. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scenes table {} cannot be read ({}): is a quotation mark missing, or a cell longer than {} characters?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scenes table {} cannot be read: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scenes table {} has no column {!r}; it needs {}, and may have auxiliary and {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scenes table {} has no row.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scenes table {} has the column {} twice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scenes table {} is no text in UTF-8: save it as CSV UTF-8.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The second stream: rasters of any coordinate system, resolution and number of bands. Their bands are stacked in this order.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The state dict as torch.save wrote it (.pth). No code in it is run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The style {} cannot be read: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The submission {} for {} took {} on {} ({}, {}); their pictures are in {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The submission {} lacks {} of {}: every {} needs a row, with -1 where the mask is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table {} cannot be read: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table {} has no column {!r}, but {}: it needs {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table {} has no row of the {} {!r}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table {} has no row.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table {} has the {} {!r} twice, in lines {} and {}: every picture has one row.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The test-time augmentation {!r} is unknown; it is one of {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The threshold must be between 0 and 1, not {:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tile size {} px is not a multiple of 32: {} px is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tile size {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The tolerance of outlines must be from 0 to {:g} pixels, not {:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The training&apos;s processes do not see the same unfinished training of {}: its folder and the data must be the same files for all of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The training&apos;s state {} cannot be read ({}): remove it to begin anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The unfinished run was made with {}, which is not installed any more: install the Python package {} into DualStream&apos;s environment again, or delete the files beside the output whose names begin with OUTPUT.part, and start anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The verb {!r} is not served; these are: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight of {} in {} is {}: it must be a number above 0, from {:g} to {:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weight {!r} in the loss {!r} must be a number above 0.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights do not say how pixels were normalised: give the normalisation imagenet, or mean and std of every band in shares of maximum.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights of the model file {} cannot be read ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights of {} have {:.1f} GiB, and one ONNX file holds 2 GiB at most: take a model with a smaller encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {} are damaged: set the engine up again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {} belong to one encoder: name it (encoder), such as mit-b1 or {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {} have a licence that binds the model as well: {}. For any other use choose a free encoder, such as {} or pvt_v2_b1.in1k.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {} in {} are stored as {}: a model file holds floating-point numbers ({}). Take the file that Train DualStream wrote.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {} of the model to start from do not fit the network: choose the tile sizes of its training ({} and, for the auxiliary stream, {} px), or train without start.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The window {} lies outside {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The workers of a pool have a GPU each, so the device {} is none for them: use cuda or auto.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {} must be at least {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {} must be at most {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {} of the {} stream must be finite numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {} of {} epochs of the earlier training are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {} stream has {}, but not as many {}: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {} stream has {}, but the network expects {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are auxiliary bands but no auxiliary raster: name one; it may be the image itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There are more processes than GPUs: this machine has {}. Start torchrun with --nproc-per-node {}, or choose the device cpu.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no Apple GPU here: use auto or cpu.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no GPU {}: this machine has {}, counted from 0.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no architecture {}; it is one of {}, or any of segmentation-models-pytorch as smp:Architecture:encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no encoder {!r}; it is one of {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no file of weights {}: give one in {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no folder and no scenes table {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no learning rate schedule {!r}; it is {} or {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no model file {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mosaic of {}: they lie so far apart that it would have {} x {} px, more than a raster can have.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mosaic to load: the masks are in {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mosaic. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no network for the family {!r} of {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no normalisation {!r}: it is imagenet, or give mean and std.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no optimizer {!r}; it is {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no preset {}; it is {}, {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no raster to segment in {}: give a folder with test/rgb and test/ngr, one with rgb and ngr (such as val), one with test.csv (img_id, img_path) and test_img, or one that holds the rasters themselves.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no usable GPU. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to segment: give scenes (a scenes table, or a folder of rasters), or images.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to train on: give an image with labels, or a dataset.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This network was built without an auxiliary stream.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threshold of two classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tick this to use a model that was trained on two streams where you have no auxiliary rasters. The mask is then made from the image alone, which is less accurate. Not ticked: such a run is refused.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tile size in auxiliary pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tile size in pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tile size: {} px (the smallest image side is {} px).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tiles drawn for rare classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tiles that show objects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tiles: {}, the fewest that overlap as asked for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time for the whole training. The speed of this computer is measured first; the number and the length of the epochs are then chosen so that the training ends in this time. With epochs, it is the longest time. A training that is continued counts the minutes before the interruption; with more minutes than before it goes on for longer. Empty: as long as the epochs take; the log tells how long after a minute.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time in minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tolerance of outlines in pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train DualStream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train DualStream on a data set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training stops after this many validations in which the validation loss has not fallen; 0: it never stops early. Automatic: 5 for the building networks, no early stop for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trains a segmentation network on a folder or table of many labelled scenes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trains a segmentation network on your own rasters, fusing two streams.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Translating the network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two outputs are the same file {}: give each its own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unsaved edits of the layer {} may be missing: save them first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the part of the map that is visible now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Values of the classes to outline, separated by commas. Empty: all but 0, the background.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Variable {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warm-up epochs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Web pages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights of PyTorch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights of the encoder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What every setting that is left open becomes. Automatic: the recipe of the network, or one that was chosen by experiment. dualstream, clouds, buildings: the recipes of the original systems.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is empty keeps the default of {}, which is shown in grey. What differs from it is bold, and only that is written into the recipe.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why no graphics card is used</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With two classes, the lowest probability, 0 to 1, at which a pixel gets the second class. A lower threshold finds more of this class, with more false alarms. Automatic: the model&apos;s own threshold, with which its training found the second class best on the validation part (the networks pspnet-densenet161, unet-resnet50 and deeplabv3plus-mobilenetv3 have their authors&apos; 0.3 and 0.35 before calibration); for the mean of several models, the weighted mean of their thresholds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With two classes, the lowest probability, 0 to 1, at which a pixel gets the second class. Automatic: 0.5, or the network&apos;s own.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without the second stream</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes a model as an ONNX file for other programs, such as the plugin Deepness.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing the report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a list of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a number or null</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a whole number from {} to {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all: every NVIDIA card of this computer, each with its own batches; the log shows how many tiles one step uses in total.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an object</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auto: the graphics card if there is one. cuda:1: the second NVIDIA card.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>automatic: the build for this computer&apos;s graphics card, or the small one without. default: PyTorch&apos;s default build for this system. cpu: without support for graphics cards. cu126 to cu132: for NVIDIA cards, with CUDA 12.6 to 13.2. rocm: for AMD cards on Linux. xpu: for Intel cards.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>automatic: the encoder&apos;s own ImageNet weights, or random ones with a warning if they cannot be fetched. imagenet: its own or nothing. none: random weights, which need many more labels. Or a file with the encoder&apos;s weights (.safetensors, .pth); for mit-b* a folder with a pretrained SegFormer, or the id of one on the Hugging Face hub with its revision. The weights of mit-b* are licensed for non-commercial use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auxiliary tile size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>background: they are a class of their own. ignored: their class is unknown, and the network does not learn from them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>background: they are known to be background (class 0). ignored: their class is unknown, and they are not compared.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>batch size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>class_weights and logit_adjustment {:g} both favour rare classes: choose one, or set logit_adjustment to 0.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>class_weights have no effect on the loss {}: they weight the pixels of {}. Choose a loss with one of these, such as ce+dice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>class_weights names the class {} twice: give it once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>class_weights names the class {}; the classes are {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>classes has {} of the two or more that a mask needs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>combine in the ensemble file {} is {}; it must be {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>cosine: the rate falls smoothly until the last epoch. plateau: it falls to a third after three validations without improvement. step: it falls to a tenth every ten epochs. Automatic: step for the building networks, cosine for all others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>crop must be from 1 to {} tile sides, not {:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,fusion,predict,inference,mask,AI</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,fusion,train,AI</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,predict,inference,batch,bulk,folder,mosaic,cluster,Ray,mask,AI</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,predict,inference,batch,competition,submission,run-length encoding,RLE,AI</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>default: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>doctor,check,diagnose,installation,environment,GPU,CUDA,driver,torch,problem,support</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>dualstream-dformer: an image and coarser rasters of any kind, such as air quality. cmx-b0 (small) to cmx-b5 (large): two images of equal resolution, such as RGB and near infrared. pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3: the building networks, for an image alone. Type any other network of segmentation-models-pytorch as smp:Architecture:encoder, such as smp:Unet:efficientnet-b4.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>encoder is {!r}, and {} has {!r}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>evaluate needs the options mask and labels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>evaluate,accuracy,validation,assessment,confusion matrix,error matrix,IoU,F1,precision,recall,boundary,area estimation,confidence interval,report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for images with {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ground in image is {:g}, and must be 0 or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>image has a band whose low, {:g}, is not below its high, {:g}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>image has {} values of low and {} of high</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>import,weights,checkpoint,pth,PyTorch,segmentation-models-pytorch,smp,U-Net,model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>install,dependencies,environment,python,torch,pytorch,CUDA,GPU,repair,update,offline</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has no header</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has no {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has the key {} twice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it has the unknown key {}{}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it holds a number of {} digits, which is too large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it holds the number {}, which is too large</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it holds {}, which is no number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its header describes no tensors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its header describes numbers of an unknown type</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its header describes tensors that do not fit their bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its header describes weights that overlap or leave gaps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its header holds what are no texts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its header is no object</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>logit_adjustment {:g} and the loss {} work against each other: ohem leaves a pixel alone before the adjustment is made up for. Choose ce instead of ohem.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>logits is {}, which does not fit {} classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>maximum must be above 0, not {:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mean: the class with the largest mean probability. vote: the class that most models choose. automatic: the combination in the ensemble file, otherwise mean.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>merge names the value {}, but classes have values from 0 to 65534.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>minutes must be from 0 to {}, not {:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>model,card,metadata,classes,bands,accuracy,licence,provenance,describe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no tiling of {} px by tiles of {} px with overlap {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no weights could be fetched</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none: they are not, so the scores hold for the labelled land. random: points, pixels or small polygons were drawn at random or on a regular grid. stratified: a number of them was drawn in each class of the mask. With random and stratified the report estimates areas and accuracies of the whole mask with 95 % confidence intervals; each labelled pixel is one sample, and pixels outside the labels are ignored.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not a request of the worker protocol: {!r}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not an event of the worker protocol: {!r}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not the record of a scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pixel_size in image is {:g}, and must be 0 or more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>polygonize,vectorize,raster to vector,footprints,buildings,outline,right angles,regularize,simplify,mask,segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>polygons needs the options mask and output.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>run it again with the same parameters to continue from there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>run it again without resume=false in the recipe to continue from there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>seed must be below 2 to the power of 63, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>segmentation-models-pytorch cannot build {} with the encoder {}: {}. Choose another encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>segmentation-models-pytorch has no ImageNet weights for the encoder {}: choose another encoder, give a file that holds weights, or none to start from random ones.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>segmentation-models-pytorch has no architecture {!r}; it has {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>start names more than {} models, each started from the next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>std in auxiliary is {:g}, and must be above 0</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the encoder&apos;s own weights, learnt on ImageNet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>threshold is {:g}, and must be between 0 and 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tile size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tile_size in auxiliary is {}, and {} sees both streams in tiles of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tile_size {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>timm cannot build the encoder {} for segmentation: {}. Choose another encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>timm has no ImageNet weights for the encoder {}: choose another encoder, give a file that holds weights, or none to start from random ones.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>torch.compile does not work here ({}): choose another runtime.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>torchrun has started {} processes, and {} is done by one: start it without torchrun. Many scenes are mapped on many devices by segment-folder with --on ray.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unlabelled is {!r}; it must be &quot;background&quot; or &quot;ignored&quot;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>what is best for the network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{:g} min are short: this machine has time for {} steps only. Give more minutes, smaller tiles (tile_size) or a smaller encoder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} (default)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} ({} x {} px) and the image ({} x {} px) differ in shape; without coordinates they must show the same extent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} MB downloaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} Run &quot;Set up DualStream&quot;, which repairs it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} The encoder starts from random weights: it needs many more labels and epochs, and a small training ends far below a pretrained one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} The image is {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} after {} of {} scenes: run it again with the same parameters to continue.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} after {} of {} scenes: until QGIS closes, the masks are in {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} and {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} and {} cannot be compared: a submission is a table (.csv), and so must be its truth, such as train.csv or another submission.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} and {} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} auxiliary band</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} auxiliary bands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} band</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} bands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} before the first scene was finished.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} before the first scene was finished: run it again with the same parameters to continue.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} before the first scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be aligned: ground control points alone place no pixel exactly. Rectify that raster first (Raster &gt; Projections &gt; Warp).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be aligned: {} has coordinates but names no coordinate system, while {} does. Assign the right one (Raster &gt; Projections) and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be described: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be opened: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be opened: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be read at rows {}-{}, columns {}-{}: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be read: it is named as a source of itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be read: its coordinate system is kept at {}, and DualStream follows no address that it finds in a file. Assign the system (Raster &gt; Projections &gt; Assign).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be read: its source {}{} does not exist. Put the file there, or make the virtual raster anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be read: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be removed ({}): choose another output folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot be warped to the image&apos;s grid ({}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cannot run the network {} ({}): choose another runtime.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} computes in fp32 here, not in {}: use the precision fp32, or the runtime torch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} computes its pixels by Python code, and DualStream runs no code that it finds in a file: write it as a GeoTIFF first (gdal_translate).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} computes on the processor here, not on {}: use the device cpu, or the runtime auto.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} core</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} cores</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} does not answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} does not hold {} rows.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} does not overlap the image: check the coordinate systems of both.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} does not overlap {}: check the coordinate systems of both.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} epoch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} epochs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} finished row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} finished rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has card format {}; this DualStream reads up to {}: update the plugin.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has ground control points only, so an extent has no exact place on it: rectify it first (Raster &gt; Projections &gt; Warp), or segment the whole image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has ground control points only, so polygons have no exact place on it: rectify it first (Raster &gt; Projections &gt; Warp).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has no band with values: only an alpha band.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has no band {}: it has {}, counted from 1. Choose among those, or none to use all.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has no coordinate system. The mask will have none either, and the ground resolution cannot be compared with that of the training.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has pixels without a size: from column and row to coordinates it gives {}. Assign its extent anew (gdal_edit.py -a_ullr), or export it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has the encoder {} by its name, not {}: leave the encoder out, or choose another network.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has the shape {} instead of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has {} bands: a confidence raster has one, in percent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has {} bands: a mask has one, the class of each pixel. Choose a mask, or take one band out first (Raster &gt; Conversion &gt; Translate).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has {} values, and must have {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has {}, but this layout expects red, green and blue pictures in rgb/. Convert it to RGB (a paletted one with Raster &gt; Conversion &gt; PCT to RGB), or choose for all images which bands to use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has {}, the training of {} had {}. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has {}, {} {}: all images of one training need the same bands (an alpha band is not counted).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has {}: it {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds complex numbers ({}): compute amplitude or power first (Raster &gt; Raster Calculator) and use that.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds more than weights, such as a whole network with its code, and nothing of it was run: save only the weights, with torch.save(model.state_dict(), path).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds no polygon with an area: labels and areas must be polygons.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds no raster to train on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds no state dict: save the network&apos;s weights with torch.save(model.state_dict(), path).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds numbers with decimals ({}): a mask holds whole numbers, the class of each pixel. Choose a mask, or convert it first (Raster &gt; Conversion &gt; Translate, output data type Byte).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds several rasters and no band of its own: choose one of its layers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds the value {:g} at row {}, column {} (counted from 0): class values are whole numbers from 0 to 65534. Reclassify the raster, or declare that value as nodata.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds two rasters of one name, {} and {}: files of one scene find each other by the name without ending. Keep one of them there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} holds weights but no DualStream card: only files written by Train DualStream can be used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} image band</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} image bands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is a paletted raster: its values are colour numbers, not brightness. Convert it to RGB first (Raster &gt; Conversion &gt; PCT to RGB).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is incomplete in the cache</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is no field of the recipe, because it has a parameter of its own: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is no file of weights that torch can read, or is damaged: copy it anew, or save it with torch.save(model.state_dict(), path).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is no mask: it has {} of the type {}, and a mask has one band of whole numbers, the class of each pixel. Choose a mask, or polygons.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is no model file ({}): DualStream&apos;s are .safetensors files written by Train DualStream.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is not a model file: model files end in .safetensors and come from &quot;Train DualStream&quot;; ensemble files, which list several models, end in .json.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is not installed: install the Python package {} into DualStream&apos;s environment, or use the runtime auto.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is not used: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is stored as {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is too large: {} would have {} x {} px, {:,.1f} GB, and its disk has {:,.1f} GB free. Free some, choose another folder, or give an extent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is too wide: {} rows of {} px, which a tile spans, take {:,.1f} GB of memory, and {:,.1f} GB are free. Cut it, or give an extent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is {}, for {} bands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is {}, for {} logits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is {}, not {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} is {}: it {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} lacks the labels of {}, first of {!r}: every image needs a label file of the same name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} logits given to a loss of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} masks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} must be 0 or more, not {:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} must be 0 or more, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} must be at least {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} must be at most {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} must be between 0 and 1, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} must be from 0 to 1, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} must be from 0 to below 1, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} names</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} names the class {}, but the labels {}: give a name that they have, or a class value.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} of {} scenes could not be segmented; {} lists the reasons. Repair these scenes and run it again with the same parameters: the other masks are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} of {}, {:,.1f} {}2 in all, written to {}; it took {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} output</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} outputs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} polygon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} polygons</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} process</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} processes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} px</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} sample</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} says that it has {} bands, and DualStream reads up to {}. Write those that you need into a file of their own (gdal_translate -b), or export it anew if its header is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} says that it has {} x {} px, and no raster is so large: its header is damaged. Copy or export it anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} scenes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} sees both streams in tiles of the same size: leave the auxiliary tile size at 0, or give the tile size, {}, not {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} sees the image alone: leave the auxiliary rasters and their bands out, or choose dualstream-dformer or a cmx network to fuse them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} sees the image alone: the auxiliary rasters of {} are left out. Choose dualstream-dformer or a cmx network to fuse them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} sees the image only, and auxiliary has bands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} thread</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} tile</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} tiles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} training scene</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} training scenes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} validation tile</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} validation tiles</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} validations</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} values</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} windows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} with {}, {} and {}: {:.1f} million parameters, tile {} px. {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} worker</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} workers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} wrong pixel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} wrong pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} {} are not used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: the folder {} holds no raster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: the image alone gives a less accurate mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: the run goes on with {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: there is no layer and no file {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: {} cannot be opened as a raster; it may be damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: {} is not a list of band numbers separated by commas, such as 1,2,3.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: {} is not a list of class values separated by commas, such as 1,2,3.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: {} is not a list of numbers separated by commas, such as 0.5,0.4,0.3.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}: {} {} taken.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}{} cannot be opened: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}{}: {:.3g} Mpx in {:.3g} s ({:.3g} Mpx/s), {}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>

<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>DualStream</name>
    <message>
        <source>0: not at all; a rare class may never be found. 1: as if all classes were equally frequent, with more false alarms. It cannot be combined with the loss ohem. Automatic: 0.</source>
        <translation>0: 우대하지 않습니다. 드문 클래스를 전혀 찾지 못할 수 있습니다. 1: 모든 클래스의 빈도가 같은 것처럼 다루며, 오탐이 늘어납니다. ohem 손실과 함께 사용할 수 없습니다. 자동: 0.</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A model, and a folder of images such as a competition&apos;s with &lt;i&gt;test.csv&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; Run lengths in &lt;i&gt;submission.csv&lt;/i&gt;, -1 for a mask without a pixel, and a picture of each image in the classes&apos; colours. For a folder with &lt;i&gt;test.csv&lt;/i&gt; the table has one row per image, img_id and mask_rle, in the order of that file; the mask is everything but the background. For any other folder it has one row per image and class.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Model &lt;i&gt;buildings.safetensors&lt;/i&gt;, Folder of images &lt;i&gt;competition&lt;/i&gt; with its files &lt;i&gt;test.csv&lt;/i&gt; and &lt;i&gt;test_img/0001.png&lt;/i&gt;, Results &lt;i&gt;results&lt;/i&gt;, then Run, and hand in &lt;i&gt;results/submission.csv&lt;/i&gt;. For masks as georeferenced rasters use &lt;i&gt;Segment many scenes&lt;/i&gt;.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 모델과 영상 폴더(예: &lt;i&gt;test.csv&lt;/i&gt; 파일이 있는 대회 폴더)가 필요합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; &lt;i&gt;submission.csv&lt;/i&gt; 파일에 RLE(런 길이)를 저장하며, 픽셀이 없는 마스크는 -1로 적습니다. 영상마다 클래스 색상으로 칠한 그림도 저장합니다. &lt;i&gt;test.csv&lt;/i&gt; 파일이 있는 폴더이면 테이블에는 그 파일의 순서대로 영상마다 한 행(img_id, mask_rle)이 들어가며, 배경이 아닌 모든 픽셀이 마스크입니다. 그 밖의 폴더이면 영상과 클래스마다 한 행이 들어갑니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 모델 &lt;i&gt;buildings.safetensors&lt;/i&gt;, 영상 폴더 &lt;i&gt;competition&lt;/i&gt;(&lt;i&gt;test.csv&lt;/i&gt;와 &lt;i&gt;test_img/0001.png&lt;/i&gt; 등이 있는 폴더), 결과 &lt;i&gt;results&lt;/i&gt;를 지정하고 실행을 클릭한 다음, &lt;i&gt;results/submission.csv&lt;/i&gt; 파일을 제출합니다. 마스크를 지리참조된 래스터로 저장하려면 &lt;i&gt;여러 영상 세그멘테이션&lt;/i&gt;을 사용하십시오.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; Nothing: it also runs before &lt;i&gt;Set up DualStream&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A page for the Results Viewer with a verdict on top: Python, PyTorch, the device, the graphics card and its driver, why the card is not used, memory, disk space and pretrained weights. Nothing is sent anywhere.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Click Run and read the first line. If it asks for &lt;i&gt;Set up DualStream&lt;/i&gt;, run that and check again.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 없습니다. &lt;i&gt;DualStream 환경 설치&lt;/i&gt; 전에도 실행할 수 있습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 결과 뷰어에 표시되는 페이지입니다. 맨 위에 판정이 나오고, 그 아래에 파이썬, PyTorch, 장치, 그래픽 카드와 드라이버, 그래픽 카드를 사용하지 않는 이유, 메모리, 디스크 공간, 사전학습 가중치가 나옵니다. 어떤 정보도 외부로 보내지 않습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 실행을 클릭하고 첫 줄을 읽으십시오. &lt;i&gt;DualStream 환경 설치&lt;/i&gt;를 실행하라고 나오면 실행한 뒤 다시 확인하십시오.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; a data set: a folder in one of the layouts that are listed below, or a CSV table with a row for each scene.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; one model file, which &lt;i&gt;Segment with DualStream&lt;/i&gt; applies to whole scenes, and a report beside it.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; a table scenes.csv with the lines &lt;i&gt;image,auxiliary,labels,split&lt;/i&gt;; &lt;i&gt;north.tif,north_dem.tif,north.gpkg,train&lt;/i&gt;; &lt;i&gt;south.tif,south_dem.tif,south.gpkg,validation&lt;/i&gt;. Data set: scenes.csv; Field with the class, under Advanced: class; Model: land.safetensors. Run.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 데이터셋이 필요합니다. 데이터셋은 아래에 적힌 구조 가운데 하나를 따르는 폴더이거나, 영상마다 한 행이 있는 CSV 테이블입니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;에서 영상 전체에 적용할 모델 파일 하나와 그 옆에 저장되는 보고서입니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; scenes.csv 테이블에 다음 행이 있습니다: &lt;i&gt;image,auxiliary,labels,split&lt;/i&gt;; &lt;i&gt;north.tif,north_dem.tif,north.gpkg,train&lt;/i&gt;; &lt;i&gt;south.tif,south_dem.tif,south.gpkg,validation&lt;/i&gt;. 데이터셋에 scenes.csv 파일, 고급 파라미터의 클래스 필드에 class, 모델에 land.safetensors 파일을 지정하고 실행을 클릭합니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; a model file, and a scene of any size with the bands that the model was trained on; for a model of two streams also its auxiliary rasters, of any coordinate system and resolution. Under the model&apos;s field the dialog shows what the model needs, and what does not fit: red will be refused, orange may make the mask worse.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a mask with the image&apos;s grid and coordinate system, and the names and colours of the model&apos;s classes. Where the image has no data, the mask has no data.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; zoom to a part of your image that you know. Choose &lt;i&gt;water.safetensors&lt;/i&gt; as model, the image, and its air quality raster as auxiliary raster. Click &lt;i&gt;Map view&lt;/i&gt; beside Extent, then Run: a preview of the view takes seconds, and less the second time, because the engine stays ready for five minutes. Satisfied? Clear the extent, choose a file for the mask, and run again.&lt;/p&gt;&lt;p&gt;Several models of the same classes are usually better than one. Each may have its own tile size and bands.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 모델 파일과, 모델 학습에 쓰인 밴드가 있는 영상(크기 제한 없음)이 필요합니다. 스트림이 두 개인 모델에는 보조 래스터도 필요하며, 보조 래스터의 좌표계와 해상도는 무엇이든 됩니다. 대화창의 모델 입력란 아래에 모델에 필요한 것과 맞지 않는 것이 표시됩니다. 빨간색이면 실행할 수 없고, 주황색이면 마스크가 나빠질 수 있습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 영상과 그리드 및 좌표계가 같은 마스크이며, 모델의 클래스 이름과 색상이 들어 있습니다. 영상에 데이터가 없는 곳은 마스크에도 데이터가 없습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 영상에서 잘 아는 곳으로 맵을 확대합니다. 모델에 &lt;i&gt;water.safetensors&lt;/i&gt; 파일, 영상에 해당 영상, 보조 래스터에 그 영상의 대기질 래스터를 지정합니다. 범위 옆의 &lt;i&gt;맵 캔버스 범위&lt;/i&gt;를 클릭하고 실행을 클릭합니다. 맵에 보이는 부분의 결과를 몇 초 만에 미리 볼 수 있으며, 엔진이 5분 동안 대기하므로 두 번째부터는 더 빠릅니다. 결과가 만족스러우면 범위를 지우고 마스크를 저장할 파일을 선택한 다음 다시 실행합니다.&lt;/p&gt;&lt;p&gt;대체로 모델 하나보다 클래스가 같은 여러 모델을 함께 쓰는 것이 더 좋습니다. 모델마다 타일 크기와 밴드가 달라도 됩니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; the internet and some minutes, but no administrator rights. Without internet, a folder of packages that another computer has filled.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a Python environment in your own folder. Training and segmenting run in it, so that its packages and those of QGIS cannot disturb each other.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; leave everything as it is and click Run. &lt;i&gt;Check the installation&lt;/i&gt; says how it went.&lt;/p&gt;&lt;p&gt;Run it again to repair the installation, after an update of DualStream, or to choose another build of PyTorch. You may cancel it at any time: what was downloaded is kept, and an engine that works stays in use until the new one is complete.&lt;/p&gt;&lt;p&gt;In an office network it uses the proxy and the certificates of QGIS (Settings &amp;gt; Options &amp;gt; Network and Authentication) and those of the system. The address of another package index is a setting in Options &amp;gt; Processing &amp;gt; Providers &amp;gt; DualStream.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 인터넷 연결이 필요하고 몇 분이 걸리며, 관리자 권한은 필요 없습니다. 인터넷에 연결할 수 없으면 다른 컴퓨터에서 다운로드한 패키지 폴더가 필요합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 사용자 폴더에 파이썬 환경을 만듭니다. 학습과 세그멘테이션은 이 환경에서 실행되므로, 이 환경의 패키지와 QGIS의 패키지가 서로 충돌하지 않습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 모든 설정을 그대로 두고 실행을 클릭합니다. 결과는 &lt;i&gt;설치 확인&lt;/i&gt;에서 볼 수 있습니다.&lt;/p&gt;&lt;p&gt;설치를 복구할 때, DualStream을 업데이트한 뒤, 또는 다른 PyTorch 빌드를 선택할 때 다시 실행하십시오. 언제든지 취소할 수 있습니다. 이미 다운로드한 파일은 그대로 유지되며, 새 엔진이 완성될 때까지 기존 엔진을 계속 사용합니다.&lt;/p&gt;&lt;p&gt;사내 네트워크에서는 QGIS의 프록시와 인증서(설정 &amp;gt; 옵션 &amp;gt; 네트워크와 인증) 및 시스템의 프록시와 인증서를 사용합니다. 다른 패키지 인덱스의 주소는 옵션 &amp;gt; 공간 처리 &amp;gt; 제공자 &amp;gt; DualStream에서 설정합니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>A CPU does not train or segment in fp16: use auto, fp32 or bf16.</source>
        <translation>CPU에서는 fp16으로 학습하거나 세그멘테이션할 수 없습니다. auto, fp32 또는 bf16을 사용하십시오.</translation>
    </message>
    <message>
        <source>A competition&apos;s folder with test.csv (columns img_id and img_path) and test_img, a folder with test/rgb and test/ngr or with rgb and ngr, or any folder of rasters.</source>
        <translation>대회 폴더(img_id 열과 img_path 열이 있는 test.csv와 test_img), test/rgb와 test/ngr 또는 rgb와 ngr가 있는 폴더, 또는 래스터가 있는 임의의 폴더입니다.</translation>
    </message>
    <message>
        <source>A disagreement raster compares models: give several, or leave it out.</source>
        <translation>모델 불일치 래스터는 여러 모델을 비교합니다. 모델을 여러 개 지정하거나 이 산출물을 건너뛰십시오.</translation>
    </message>
    <message>
        <source>A folder in DualStream layout (ts_sn, tl_sn, t_ap, t_gems; vs_sn, vl_sn, v_ap, v_gems), in cloud layout (train/rgb, train/ngr, train/label; val/...) or in a building competition&apos;s layout (train_img and train.csv with the columns img_id, img_path and mask_rle), or the path of a CSV table with the columns image, auxiliary, labels and split.</source>
        <translation>DualStream 구조(ts_sn, tl_sn, t_ap, t_gems; vs_sn, vl_sn, v_ap, v_gems), 구름 구조(train/rgb, train/ngr, train/label; val/...) 또는 건물 대회 구조(train_img, 그리고 열이 img_id, img_path, mask_rle인 train.csv)의 폴더, 또는 image, auxiliary, labels, split 열이 있는 CSV 테이블의 경로입니다.</translation>
    </message>
    <message>
        <source>A folder of rasters, each of which is a scene; or the path of a CSV table with the column image and the optional columns auxiliary (several rasters are separated by ;) and name, the name of the mask. Relative paths in a table start at the table&apos;s folder.</source>
        <translation>래스터 하나하나가 영상인 폴더 또는 CSV 테이블의 경로입니다. 테이블에는 image 열이 있어야 하며, auxiliary 열(래스터가 여러 개이면 ;으로 구분)과 마스크 이름을 적은 name 열은 선택적입니다. 테이블의 상대 경로는 테이블이 있는 폴더를 기준으로 합니다.</translation>
    </message>
    <message>
        <source>A mask from &quot;Segment with DualStream&quot;, any other raster of one band whose values are classes, or polygons such as footprints. Polygons are compared pixel by pixel on the grid of a class raster, so the labels must be one then.</source>
        <translation>“DualStream으로 세그멘테이션”으로 만든 마스크, 값이 클래스인 다른 단일 밴드 래스터, 또는 건물 외곽선 같은 폴리곤입니다. 폴리곤은 클래스 래스터의 그리드에서 픽셀 단위로 비교하므로, 이때 라벨은 클래스 래스터여야 합니다.</translation>
    </message>
    <message>
        <source>A mask from &quot;Segment with DualStream&quot;, or any raster of one band whose values are classes.</source>
        <translation>“DualStream으로 세그멘테이션”으로 만든 마스크 또는 값이 클래스인 단일 밴드 래스터입니다.</translation>
    </message>
    <message>
        <source>A model file (.safetensors) from &quot;Train DualStream&quot;.</source>
        <translation>“DualStream 학습”이 저장한 모델 파일(.safetensors)입니다.</translation>
    </message>
    <message>
        <source>A model file from &quot;Train DualStream&quot;.</source>
        <translation>“DualStream 학습”이 저장한 모델 파일입니다.</translation>
    </message>
    <message>
        <source>A model file from &quot;Train DualStream&quot;. It stores the bands and the scaling it was trained with, and the classes with their names and colours. Several models of the same classes form an ensemble; or give one ensemble file (.json) with the models and their weights.</source>
        <translation>“DualStream 학습”이 저장한 모델 파일입니다. 학습에 쓰인 밴드와 픽셀 값 정규화, 클래스의 이름과 색상이 들어 있습니다. 클래스가 같은 모델을 여러 개 선택하면 앙상블이 됩니다. 모델과 각 모델의 가중치를 적은 앙상블 파일(.json) 하나를 지정할 수도 있습니다.</translation>
    </message>
    <message>
        <source>A page is written about a model file: name one.</source>
        <translation>모델 정보 페이지를 만들려면 모델 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>A tile of {} x {} px cannot be segmented: its sides must be multiples of 32.</source>
        <translation>{} x {} px 타일은 세그멘테이션할 수 없습니다. 각 변은 32의 배수여야 합니다.</translation>
    </message>
    <message>
        <source>Accuracy of a mask</source>
        <translation>마스크 정확도</translation>
    </message>
    <message>
        <source>Accuracy report</source>
        <translation>정확도 보고서</translation>
    </message>
    <message>
        <source>Also write a raster beside each mask with the probability of each pixel&apos;s class, in percent.</source>
        <translation>각 마스크 옆에 픽셀별 클래스의 확률(%)을 담은 래스터도 저장합니다.</translation>
    </message>
    <message>
        <source>Another run is writing {}: wait until it ends, or choose another name.</source>
        <translation>다른 실행에서 {} 파일을 저장하고 있습니다. 그 실행이 끝날 때까지 기다리거나 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>Architectures: {}, and any of segmentation-models-pytorch as smp:Architecture:encoder.</source>
        <translation>신경망 구조: {}. segmentation-models-pytorch의 다른 신경망은 smp:Architecture:encoder 형식으로 지정합니다.</translation>
    </message>
    <message>
        <source>Area in square metres</source>
        <translation>면적 (m²)</translation>
    </message>
    <message>
        <source>As ONNX the network {} gives other probabilities, by up to {:.3g}: it is not used. Please report this with the model&apos;s card.</source>
        <translation>ONNX로 변환한 {} 신경망의 확률이 최대 {:.3g}만큼 달라 사용하지 않습니다. “모델 정보”의 내용과 함께 이 문제를 보고하십시오.</translation>
    </message>
    <message>
        <source>Asking the engine…</source>
        <translation>엔진에서 정보를 가져오는 중…</translation>
    </message>
    <message>
        <source>Augmentation</source>
        <translation>데이터 증강</translation>
    </message>
    <message>
        <source>Augmentation: {} (for images of type {}).</source>
        <translation>데이터 증강: {}({} 형식의 영상에 맞춤).</translation>
    </message>
    <message>
        <source>Auxiliary rasters</source>
        <translation>보조 래스터</translation>
    </message>
    <message>
        <source>Averaging of weights</source>
        <translation>가중치 이동 평균(EMA)</translation>
    </message>
    <message>
        <source>Bands and computer</source>
        <translation>밴드와 컴퓨터</translation>
    </message>
    <message>
        <source>Bands of the auxiliary rasters</source>
        <translation>보조 래스터 밴드</translation>
    </message>
    <message>
        <source>Bands of the image</source>
        <translation>영상 밴드</translation>
    </message>
    <message>
        <source>Bands of the images</source>
        <translation>영상 밴드</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>배치 크기</translation>
    </message>
    <message>
        <source>Batches per step</source>
        <translation>스텝당 배치 수 (그래디언트 누적)</translation>
    </message>
    <message>
        <source>Build of PyTorch</source>
        <translation>PyTorch 빌드</translation>
    </message>
    <message>
        <source>Built for CUDA</source>
        <translation>PyTorch 빌드의 CUDA 버전</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>취소되었습니다</translation>
    </message>
    <message>
        <source>Cancelled after epoch {} of {}: {}</source>
        <translation>에포크 {1}개 중 {0}개를 마치고 취소되었습니다. {2}</translation>
    </message>
    <message>
        <source>Cancelled before an epoch was finished: the {} of {} epochs of the earlier training are kept.</source>
        <translation>새 에포크를 마치기 전에 취소되었습니다. 이전 학습에서 마친 에포크 {}개(전체 {}개)는 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Cancelled: no picture was finished, and no table was written.</source>
        <translation>취소되었습니다. 완료된 그림이 없으며, 테이블도 저장하지 않았습니다.</translation>
    </message>
    <message>
        <source>Cancelled: no table was written. Number of finished pictures in {}: {}.</source>
        <translation>취소되었습니다. 테이블은 저장하지 않았습니다. {} 폴더에 완료된 그림이 {}개 있습니다.</translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation>취소되었습니다. 저장된 파일이 없습니다.</translation>
    </message>
    <message>
        <source>Cancelled: run it again to finish; downloaded files are kept.</source>
        <translation>취소되었습니다. 설치를 마치려면 다시 실행하십시오. 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>확인</translation>
    </message>
    <message>
        <source>Check of DualStream&apos;s installation</source>
        <translation>DualStream 설치 확인</translation>
    </message>
    <message>
        <source>Check the installation</source>
        <translation>설치 확인</translation>
    </message>
    <message>
        <source>Checking the engine on this computer</source>
        <translation>이 컴퓨터에서 엔진을 확인하는 중</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>폴더 선택</translation>
    </message>
    <message>
        <source>Choose a scenes table</source>
        <translation>영상 목록 테이블 선택</translation>
    </message>
    <message>
        <source>Choose where to save the model</source>
        <translation>모델을 저장할 위치 선택</translation>
    </message>
    <message>
        <source>Class value {} cannot be stored in a mask: use whole numbers from 0 to 65534.</source>
        <translation>클래스 값 {}: 마스크에 저장할 수 없습니다. 0에서 65534까지의 정수를 사용하십시오.</translation>
    </message>
    <message>
        <source>Class weights</source>
        <translation>클래스 가중치</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Classes (values)</source>
        <translation>클래스 (값)</translation>
    </message>
    <message>
        <source>Classes for copy-paste</source>
        <translation>복사-붙여넣기할 클래스</translation>
    </message>
    <message>
        <source>Classes of the labels that are one in the mask, separated by commas: on the left names or values, on the right the class of the mask, such as river+lake=water.</source>
        <translation>라벨에서는 여러 개이지만 마스크에서는 하나인 클래스를 쉼표로 구분하여 입력합니다. 왼쪽에는 라벨의 이름이나 값, 오른쪽에는 마스크의 클래스를 적습니다(예: river+lake=water).</translation>
    </message>
    <message>
        <source>Classes to train as one, separated by commas: on the left names or values, on the right the name of the result, such as 8+10=thin cloud,river+lake=water.</source>
        <translation>하나로 학습할 클래스를 쉼표로 구분하여 입력합니다. 왼쪽에는 이름이나 값, 오른쪽에는 병합한 클래스의 이름을 적습니다(예: 8+10=thin cloud,river+lake=water).</translation>
    </message>
    <message>
        <source>Classes whose objects are copied into other tiles, separated by commas: name, name:soft (faded edge) or name:companion (moves with the nearest object, as a shadow does). Empty: the classes that the data set&apos;s layout defines.</source>
        <translation>객체를 다른 타일에 복사할 클래스를 쉼표로 구분하여 입력합니다. 형식은 이름, 이름:soft(가장자리를 흐리게) 또는 이름:companion(그림자처럼 가장 가까운 객체와 함께 이동)입니다. 비워두면 데이터셋의 구조에서 정한 클래스를 사용합니다.</translation>
    </message>
    <message>
        <source>Classes:</source>
        <translation>클래스:</translation>
    </message>
    <message>
        <source>Colour (#rrggbb)</source>
        <translation>색상 (#rrggbb)</translation>
    </message>
    <message>
        <source>Combination of several models</source>
        <translation>여러 모델의 결합 방식</translation>
    </message>
    <message>
        <source>Compared pixels</source>
        <translation>비교한 픽셀 수</translation>
    </message>
    <message>
        <source>Compares a mask with known classes and writes a report with tables and pictures.</source>
        <translation>마스크를 알려진 클래스와 비교하고 테이블과 그림이 있는 보고서를 만듭니다.</translation>
    </message>
    <message>
        <source>Comparing the file with the model</source>
        <translation>파일을 모델과 비교하는 중</translation>
    </message>
    <message>
        <source>Competition table from a folder</source>
        <translation>폴더에서 제출 파일 만들기</translation>
    </message>
    <message>
        <source>Compressing the mask</source>
        <translation>마스크를 압축하는 중</translation>
    </message>
    <message>
        <source>Compute on a pool (ray, ray://host:port)</source>
        <translation>Ray 작업 풀에서 계산 (ray, ray://host:port)</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>신뢰도</translation>
    </message>
    <message>
        <source>Confidence of {}</source>
        <translation>{} 신뢰도</translation>
    </message>
    <message>
        <source>Confidence rasters</source>
        <translation>신뢰도 래스터</translation>
    </message>
    <message>
        <source>Continue an unfinished training</source>
        <translation>끝나지 않은 학습 이어서 진행</translation>
    </message>
    <message>
        <source>Cores of each process</source>
        <translation>프로세스당 코어 수</translation>
    </message>
    <message>
        <source>Data set (folder or scenes table)</source>
        <translation>데이터셋 (폴더 또는 영상 목록 테이블)</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>장치</translation>
    </message>
    <message>
        <source>Device used</source>
        <translation>사용한 장치</translation>
    </message>
    <message>
        <source>Direction in which the run lengths count pixels, from 1. row: from left to right, row by row. column: from top to bottom, column by column.</source>
        <translation>RLE(런 길이)에서 픽셀을 세는 방향이며, 1부터 셉니다. row: 왼쪽에서 오른쪽으로 한 행씩. column: 위에서 아래로 한 열씩.</translation>
    </message>
    <message>
        <source>Direction in which the run lengths in train.csv count pixels. row: from left to right, row by row. column: from top to bottom, column by column. Only for data sets in a competition&apos;s layout.</source>
        <translation>train.csv의 RLE(런 길이)에서 픽셀을 세는 방향입니다. row: 왼쪽에서 오른쪽으로 한 행씩. column: 위에서 아래로 한 열씩. 대회 구조의 데이터셋에만 사용합니다.</translation>
    </message>
    <message>
        <source>Disagreement of models</source>
        <translation>모델 불일치</translation>
    </message>
    <message>
        <source>Disagreement of models on {}</source>
        <translation>{} 모델 불일치</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>디스크</translation>
    </message>
    <message>
        <source>DualStream</source>
        <translation>DualStream</translation>
    </message>
    <message>
        <source>DualStream can run</source>
        <translation>DualStream 실행 가능 여부</translation>
    </message>
    <message>
        <source>DualStream cannot run yet. {}</source>
        <translation>아직 DualStream을 실행할 수 없습니다. {}</translation>
    </message>
    <message>
        <source>DualStream does not use this environment but the Python that you chose: {}</source>
        <translation>DualStream은 이 환경 대신 직접 선택한 파이썬을 사용합니다: {}</translation>
    </message>
    <message>
        <source>DualStream is ready and computes on the processor, which is slower than a graphics card. {}</source>
        <translation>DualStream을 사용할 수 있습니다. 계산에는 그래픽 카드보다 느린 CPU를 사용합니다. {}</translation>
    </message>
    <message>
        <source>DualStream is ready and computes on {}.</source>
        <translation>DualStream을 사용할 수 있습니다. 계산 장치: {}.</translation>
    </message>
    <message>
        <source>DualStream models</source>
        <translation>DualStream 모델</translation>
    </message>
    <message>
        <source>DualStream: segmentation of two fused raster streams</source>
        <translation>DualStream: 두 래스터 스트림을 융합하는 세그멘테이션</translation>
    </message>
    <message>
        <source>Each training tile shows a square of random size, from one tile to this many tiles wide, so that the network also sees objects at smaller scales. 1: always one tile. Automatic: 2.3 for the building networks, 1 for all others.</source>
        <translation>각 학습 타일은 한 변이 타일 1개에서 이 값만큼의 타일에 이르는 무작위 크기의 정사각형을 보여 줍니다. 따라서 신경망이 객체를 더 작은 축척으로도 봅니다. 1: 항상 타일 1개. 자동: 건물용 신경망은 2.3, 그 밖에는 모두 1.</translation>
    </message>
    <message>
        <source>Empty: one engine on this computer, one scene after another. ray: several scenes at a time on this computer. ray://host:port or auto: on a running Ray cluster whose computers see the same files. The engine needs the package ray for it.</source>
        <translation>비워두면 이 컴퓨터의 엔진 하나가 영상을 하나씩 차례로 처리합니다. ray: 이 컴퓨터에서 여러 영상을 동시에 처리합니다. ray://host:port 또는 auto: 실행 중인 Ray 클러스터에서 처리합니다. 클러스터의 컴퓨터들이 같은 파일에 접근할 수 있어야 합니다. 이 기능을 쓰려면 엔진에 ray 패키지가 있어야 합니다.</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>인코더</translation>
    </message>
    <message>
        <source>Encoder: {}, from random weights.</source>
        <translation>인코더: {}, 무작위 가중치.</translation>
    </message>
    <message>
        <source>Encoder: {}, from the weights {} ({}).</source>
        <translation>인코더: {}, 가중치 {} ({}).</translation>
    </message>
    <message>
        <source>Encoders&apos; share of the rate</source>
        <translation>인코더 학습률 배수</translation>
    </message>
    <message>
        <source>Epoch {} of {} was finished: {}</source>
        <translation>에포크 {1}개 중 {0}개를 마쳤습니다. {2}</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>에포크</translation>
    </message>
    <message>
        <source>Epochs between checkpoints</source>
        <translation>체크포인트 간격 (에포크)</translation>
    </message>
    <message>
        <source>Epochs between validations</source>
        <translation>검증 간격 (에포크)</translation>
    </message>
    <message>
        <source>Epochs run</source>
        <translation>실행한 에포크 수</translation>
    </message>
    <message>
        <source>Every other setting of the training, such as learning rate, loss, augmentation, bands and the share that is kept for validation. Empty: what is best for the network. The button shows them all, with their defaults. In scripts: pairs such as learning_rate=0.0005 loss=ce+dice image_bands=4,3,2, or the path of a JSON file with these names.</source>
        <translation>학습률, 손실, 데이터 증강, 밴드, 검증용 비율 등 학습의 나머지 모든 설정입니다. 비워두면 신경망에 가장 알맞은 설정을 사용합니다. 버튼을 클릭하면 모든 설정이 기본값과 함께 표시됩니다. 스크립트에서는 learning_rate=0.0005 loss=ce+dice image_bands=4,3,2와 같은 이름과 값의 쌍 또는 이 이름들을 적은 JSON 파일의 경로를 지정합니다.</translation>
    </message>
    <message>
        <source>Extent</source>
        <translation>범위</translation>
    </message>
    <message>
        <source>Favour rare classes</source>
        <translation>드문 클래스 우대</translation>
    </message>
    <message>
        <source>Field of the mask, if it is polygons</source>
        <translation>마스크의 클래스 필드 (마스크가 폴리곤일 때)</translation>
    </message>
    <message>
        <source>Field with the class (not of a raster)</source>
        <translation>클래스 필드 (래스터에는 필요 없음)</translation>
    </message>
    <message>
        <source>Field with the class (tables with polygons)</source>
        <translation>클래스 필드 (폴리곤이 있는 테이블)</translation>
    </message>
    <message>
        <source>Fill holes up to (square metres)</source>
        <translation>채울 홀의 최대 면적 (m²)</translation>
    </message>
    <message>
        <source>Folder for submission.csv and, in its subfolder results, one picture per image. Other files in the folder are kept.</source>
        <translation>submission.csv 파일을 저장할 폴더입니다. 하위 폴더 results에는 영상마다 그림이 하나씩 저장됩니다. 폴더에 있는 다른 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Folder for the masks, which have the names of their scenes, the summary (summary.html, summary.csv) and the mosaics. Other files in the folder are kept.</source>
        <translation>마스크(이름은 영상과 같음), 요약(summary.html, summary.csv), 모자이크를 저장할 폴더입니다. 폴더에 있는 다른 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Folder of images</source>
        <translation>영상 폴더</translation>
    </message>
    <message>
        <source>Folder of packages</source>
        <translation>패키지 폴더</translation>
    </message>
    <message>
        <source>Folder of the pictures</source>
        <translation>그림 폴더</translation>
    </message>
    <message>
        <source>Fusion&apos;s share of the rate</source>
        <translation>융합 학습률 배수</translation>
    </message>
    <message>
        <source>GeoPackage with the polygons, their attributes and their style.</source>
        <translation>폴리곤과 그 속성 및 스타일이 들어 있는 GeoPackage입니다.</translation>
    </message>
    <message>
        <source>GeoTIFF of the classes on the image&apos;s grid, with their names and colours.</source>
        <translation>영상의 그리드에 맞춘 클래스 GeoTIFF입니다. 클래스의 이름과 색상이 들어 있습니다.</translation>
    </message>
    <message>
        <source>Give either a dataset or an image with labels, not both.</source>
        <translation>데이터셋만 지정하거나 영상과 라벨을 지정하십시오. 둘 다 지정할 수는 없습니다.</translation>
    </message>
    <message>
        <source>Give either a folder or table of scenes, or raster layers, not both.</source>
        <translation>영상의 폴더나 테이블, 또는 래스터 레이어 가운데 한쪽만 지정하십시오. 둘 다 지정할 수는 없습니다.</translation>
    </message>
    <message>
        <source>Give either a model file or an architecture, not both.</source>
        <translation>모델 파일과 신경망 구조 가운데 하나만 지정하십시오. 둘 다 지정할 수는 없습니다.</translation>
    </message>
    <message>
        <source>Give either a model to start from ({}) or pretrained weights of the encoder ({}), not both: the model has an encoder.</source>
        <translation>기존 모델({})과 인코더의 사전학습 가중치({}) 가운데 하나만 지정하십시오. 모델에 이미 인코더가 들어 있으므로 둘 다 지정할 수는 없습니다.</translation>
    </message>
    <message>
        <source>Give either scenes (a scenes table, or a folder of rasters) or images, not both.</source>
        <translation>scenes(영상 목록 테이블 또는 래스터 폴더)와 images 가운데 하나만 지정하십시오. 둘 다 지정할 수는 없습니다.</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>그래픽 카드</translation>
    </message>
    <message>
        <source>Ground resolution in metres</source>
        <translation>지상 해상도 (m)</translation>
    </message>
    <message>
        <source>HF_HUB_OFFLINE is set</source>
        <translation>HF_HUB_OFFLINE이 설정되어 있음</translation>
    </message>
    <message>
        <source>HTML files</source>
        <translation>HTML 파일</translation>
    </message>
    <message>
        <source>Holes up to this area are filled. A polygon inside a filled hole remains a polygon.</source>
        <translation>면적이 이 값 이하인 홀을 채웁니다. 채워진 홀 안에 있던 폴리곤은 그대로 남습니다.</translation>
    </message>
    <message>
        <source>How often a copy of the model is saved in the folder MODEL.checkpoints. 0: never.</source>
        <translation>MODEL.checkpoints 폴더에 모델의 사본을 저장하는 간격입니다. 0: 저장하지 않습니다.</translation>
    </message>
    <message>
        <source>How often the accuracy is measured and example pictures are written. Automatic: every 5 epochs for CMX, every epoch for all others.</source>
        <translation>정확도를 측정하고 예시 그림을 저장하는 간격입니다. 자동: CMX는 5에포크마다, 그 밖에는 모두 1에포크마다.</translation>
    </message>
    <message>
        <source>How strongly the optimiser pulls weights towards zero. Automatic: 0.001 for the building networks, 0.01 for all others.</source>
        <translation>옵티마이저가 가중치를 0 쪽으로 당기는 세기입니다. 자동: 건물용 신경망은 0.001, 그 밖에는 모두 0.01.</translation>
    </message>
    <message>
        <source>If the image&apos;s pixels are more than 10 % larger or smaller on the ground than those the model was trained on, the image is resampled for the model. The mask keeps the image&apos;s grid.</source>
        <translation>영상 픽셀의 지상 크기가 모델 학습에 쓰인 영상보다 10% 넘게 크거나 작으면 영상을 모델에 맞게 리샘플링합니다. 마스크는 원래 영상의 그리드를 유지합니다.</translation>
    </message>
    <message>
        <source>Ignored classes</source>
        <translation>무시할 클래스</translation>
    </message>
    <message>
        <source>Ignored classes of the labels</source>
        <translation>라벨에서 무시할 클래스</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>Image, or several</source>
        <translation>영상 (여러 개 가능)</translation>
    </message>
    <message>
        <source>Image:</source>
        <translation>영상:</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>영상 수</translation>
    </message>
    <message>
        <source>Import weights</source>
        <translation>가중치 가져오기</translation>
    </message>
    <message>
        <source>Installation report</source>
        <translation>설치 보고서</translation>
    </message>
    <message>
        <source>Installs or repairs the Python packages that DualStream needs.</source>
        <translation>DualStream에 필요한 파이썬 패키지를 설치하거나 복구합니다.</translation>
    </message>
    <message>
        <source>It stopped</source>
        <translation>중단되었습니다</translation>
    </message>
    <message>
        <source>Labelled area</source>
        <translation>라벨 영역</translation>
    </message>
    <message>
        <source>Labels are a sample of the whole mask</source>
        <translation>마스크 전체에 대한 라벨의 표본 추출 방식</translation>
    </message>
    <message>
        <source>Labels that are a sample of the whole mask have no area: leave the area out, or cut the mask to it and evaluate that.</source>
        <translation>마스크 전체의 표본인 라벨에는 area를 지정할 수 없습니다. area를 빼거나, 마스크를 그 영역으로 자른 다음 평가하십시오.</translation>
    </message>
    <message>
        <source>Largest distance, in metres, by which an outline may move to have fewer corners; about one pixel removes the stairs of its edges. 0: the outline follows the pixels. If an outline would share less than 80 percent with its pixels, as thin and small ones may, it moves less or not at all. Neighbours are simplified one by one, so gaps and overlaps of this size may occur. With right angles: walls and recesses shorter than this may disappear.</source>
        <translation>꼭짓점을 줄이기 위해 외곽선을 옮길 수 있는 최대 거리(m)입니다. 한 픽셀 정도면 가장자리의 계단 모양이 없어집니다. 0: 외곽선이 픽셀을 그대로 따릅니다. 가늘거나 작은 외곽선처럼 원래 픽셀과 겹치는 비율이 80% 미만으로 떨어질 때는 더 적게 옮기거나 옮기지 않습니다. 이웃한 폴리곤을 하나씩 따로 단순화하므로 이 거리만큼의 틈이나 겹침이 생길 수 있습니다. “직각으로 정리”를 체크하면 이보다 짧은 벽과 오목한 부분이 없어질 수 있습니다.</translation>
    </message>
    <message>
        <source>Largest pixel value</source>
        <translation>최대 픽셀 값</translation>
    </message>
    <message>
        <source>Largest step size of the optimiser. Make it smaller if the loss jumps. Automatic: 0.0003 for CMX, 0.001 for all others; a third of it if the training starts from a model.</source>
        <translation>옵티마이저의 최대 스텝 크기입니다. 손실이 갑자기 커지면 줄이십시오. 자동: CMX는 0.0003, 그 밖에는 모두 0.001이며, 기존 모델에서 시작하면 그 1/3.</translation>
    </message>
    <message>
        <source>Largest tile, in tile sizes</source>
        <translation>최대 타일 (타일 크기의 배수)</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>학습률</translation>
    </message>
    <message>
        <source>Learning rate of the encoders, as a multiple of the learning rate; with pretrained weights, of the encoders that start from them, while others learn at the full rate. Automatic: for CMX 0.1 with pretrained weights, 1 for all others.</source>
        <translation>인코더의 학습률이며, 학습률에 대한 배수로 나타냅니다. 사전학습 가중치를 사용하면 그 가중치로 시작하는 인코더에만 적용하고, 다른 인코더는 학습률을 그대로 사용합니다. 자동: CMX에서 사전학습 가중치를 사용하면 0.1, 그 밖에는 모두 1.</translation>
    </message>
    <message>
        <source>Learning rate of the layers that fuse both streams, as a multiple of the learning rate. Automatic: 1.</source>
        <translation>두 스트림을 융합하는 층의 학습률이며, 학습률에 대한 배수로 나타냅니다. 자동: 1.</translation>
    </message>
    <message>
        <source>Learning rate schedule</source>
        <translation>학습률 스케줄</translation>
    </message>
    <message>
        <source>Leave out blocks with a smaller share</source>
        <translation>비율이 이보다 작은 블록 제외</translation>
    </message>
    <message>
        <source>Line {} of the table {} ends before the column {!r}; the table seems to be cut off.</source>
        <translation>{1} 테이블의 {0}번째 행이 {2!r} 열 앞에서 끝납니다. 테이블이 잘린 것 같습니다.</translation>
    </message>
    <message>
        <source>Line {} of the table {} has the {} {!r}: it must be a name without slashes.</source>
        <translation>{1} 테이블의 {0}번째 행에서 {2} 값이 {3!r}입니다. 슬래시가 없는 이름이어야 합니다.</translation>
    </message>
    <message>
        <source>Line {} of {} has more cells than the table has columns: a path or name with a comma must stand in quotation marks.</source>
        <translation>{1} 테이블의 {0}번째 행에 열의 수보다 많은 셀이 있습니다. 쉼표가 있는 경로나 이름은 큰따옴표로 묶으십시오.</translation>
    </message>
    <message>
        <source>Line {} of {}: the split {!r} is unknown; use train or validation.</source>
        <translation>{1} 테이블의 {0}번째 행에서 split 값이 유효하지 않습니다: {2!r}. train 또는 validation을 사용하십시오.</translation>
    </message>
    <message>
        <source>Line {} of {}: the {} {} does not exist.</source>
        <translation>{1} 테이블의 {0}번째 행에 적힌 {2} 파일이 없습니다: {3}.</translation>
    </message>
    <message>
        <source>Lines about scenes that are not shown here: {}. See the summary.</source>
        <translation>영상에 관한 로그 가운데 {}행은 여기에 표시되지 않았습니다. 요약을 확인하십시오.</translation>
    </message>
    <message>
        <source>Loading {}</source>
        <translation>{} 파일을 불러오는 중</translation>
    </message>
    <message>
        <source>Looking at scenes and labels</source>
        <translation>영상과 라벨을 살펴보는 중</translation>
    </message>
    <message>
        <source>Looking at the data…</source>
        <translation>데이터를 살펴보는 중…</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>손실</translation>
    </message>
    <message>
        <source>Make outlines right-angled, each along its own main direction, as buildings are. If the walls of a small or thin outline cannot be found, it becomes the rectangle around it. If an outline would change too much, it is only simplified, by the distance above or about a pixel, or stays as it is.</source>
        <translation>건물처럼 외곽선을 각각의 주 방향에 맞추어 직각으로 정리합니다. 작거나 가는 외곽선에서 벽을 찾을 수 없으면 외곽선을 둘러싸는 직사각형이 됩니다. 외곽선이 너무 많이 바뀔 때는 위에서 지정한 거리 또는 약 한 픽셀만큼 단순화만 하거나 그대로 둡니다.</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>세그멘테이션</translation>
    </message>
    <message>
        <source>Map view</source>
        <translation>맵 캔버스 범위</translation>
    </message>
    <message>
        <source>Maps a whole scene with trained models: every pixel gets a class.</source>
        <translation>학습된 모델로 영상 전체를 세그멘테이션합니다. 모든 픽셀에 클래스가 지정됩니다.</translation>
    </message>
    <message>
        <source>Maps any number of scenes with the same models, which are loaded once.</source>
        <translation>같은 모델로 여러 영상을 개수 제한 없이 세그멘테이션합니다. 모델은 한 번만 불러옵니다.</translation>
    </message>
    <message>
        <source>Mask</source>
        <translation>마스크</translation>
    </message>
    <message>
        <source>Mask (class raster or polygons)</source>
        <translation>마스크 (클래스 래스터 또는 폴리곤)</translation>
    </message>
    <message>
        <source>Mask and confidence are the same file {}: give the confidence raster of the same run, or none.</source>
        <translation>마스크와 신뢰도 래스터가 같은 파일입니다: {}. 같은 실행에서 만든 신뢰도 래스터를 지정하거나 비워두십시오.</translation>
    </message>
    <message>
        <source>Mask and labels are both polygons, and without pixels there is nothing to count: give one of them as a raster, such as the mask from which the polygons were made.</source>
        <translation>마스크와 라벨이 모두 폴리곤이어서 비교할 픽셀이 없습니다. 둘 중 하나는 래스터로 지정하십시오(예: 폴리곤을 만든 마스크).</translation>
    </message>
    <message>
        <source>Mask and labels are the same layer: there is nothing to compare.</source>
        <translation>마스크와 라벨이 같은 레이어여서 비교할 것이 없습니다. 서로 다른 레이어를 선택하십시오.</translation>
    </message>
    <message>
        <source>Mask and labels hold {} from {} to {}: classes are at most {} whole numbers from 0 to 65534. Choose a mask, or reclassify the raster.</source>
        <translation>마스크와 라벨에 {1}에서 {2} 사이의 {0}가 있습니다. 클래스는 0에서 65534 사이의 정수이며 최대 {3}개입니다. 마스크를 선택하거나 래스터를 재분류하십시오.</translation>
    </message>
    <message>
        <source>Mask of 1 scene</source>
        <translation>영상 1개의 마스크</translation>
    </message>
    <message>
        <source>Mask of {}</source>
        <translation>{} 마스크</translation>
    </message>
    <message>
        <source>Mask to polygons</source>
        <translation>마스크를 폴리곤으로</translation>
    </message>
    <message>
        <source>Masks</source>
        <translation>마스크</translation>
    </message>
    <message>
        <source>Masks of {} scenes</source>
        <translation>영상 {}개의 마스크</translation>
    </message>
    <message>
        <source>Match the ground resolution</source>
        <translation>지상 해상도 맞추기</translation>
    </message>
    <message>
        <source>Mean IoU</source>
        <translation>평균 IoU(mIoU)</translation>
    </message>
    <message>
        <source>Mean boundary F1</source>
        <translation>평균 경계 F1</translation>
    </message>
    <message>
        <source>Mean intersection over union</source>
        <translation>평균 IoU(mIoU)</translation>
    </message>
    <message>
        <source>Mean of each band</source>
        <translation>밴드별 평균</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>메모리</translation>
    </message>
    <message>
        <source>Merged classes</source>
        <translation>병합할 클래스</translation>
    </message>
    <message>
        <source>Merged classes of the labels</source>
        <translation>라벨에서 병합할 클래스</translation>
    </message>
    <message>
        <source>Method that changes the weights. adamw subtracts the weight decay from the weights, adam adds it to the gradient. Automatic: adam for the building networks, adamw for all others.</source>
        <translation>가중치를 갱신하는 방법입니다. adamw는 가중치에서 가중치 감쇠를 빼고, adam은 그래디언트에 가중치 감쇠를 더합니다. 자동: 건물용 신경망은 adam, 그 밖에는 모두 adamw.</translation>
    </message>
    <message>
        <source>Minimum area in square metres</source>
        <translation>최소 면적 (m²)</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Model information</source>
        <translation>모델 정보</translation>
    </message>
    <message>
        <source>Model(s)</source>
        <translation>모델 (여러 개 가능)</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Mosaic of the masks</source>
        <translation>마스크 모자이크</translation>
    </message>
    <message>
        <source>NVIDIA driver</source>
        <translation>NVIDIA 드라이버</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>이름</translation>
    </message>
    <message>
        <source>Names for the values of a class raster, and colours for the mask; the colour may be empty. Needed only where the labels have no names of their own or other ones are wanted.</source>
        <translation>클래스 래스터의 값에 붙일 이름과 마스크의 색상입니다. 색상은 비워둘 수 있습니다. 라벨에 이름이 없거나 다른 이름을 쓰려는 경우에만 필요합니다.</translation>
    </message>
    <message>
        <source>Names of the classes</source>
        <translation>클래스 이름</translation>
    </message>
    <message>
        <source>Names or values of classes, separated by commas, such as 255 or clouds. Their pixels are not compared.</source>
        <translation>클래스의 이름이나 값을 쉼표로 구분하여 입력합니다(예: 255, clouds). 해당 픽셀은 비교하지 않습니다.</translation>
    </message>
    <message>
        <source>Names or values of classes, separated by commas, such as 255 or clouds. Their pixels count as unlabelled: the network does not learn from them, and validation leaves them out.</source>
        <translation>클래스의 이름이나 값을 쉼표로 구분하여 입력합니다(예: 255, clouds). 해당 픽셀은 라벨이 없는 것으로 봅니다. 신경망은 이 픽셀로 학습하지 않으며, 검증에서도 제외합니다.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>신경망 구조</translation>
    </message>
    <message>
        <source>No epoch could be scored: the validation part has no labelled pixel.</source>
        <translation>점수를 계산할 수 있는 에포크가 없습니다. 검증 영역에 라벨이 있는 픽셀이 없습니다.</translation>
    </message>
    <message>
        <source>No labelled pixel is left for training: every scene is for validation.</source>
        <translation>학습에 사용할 라벨 픽셀이 없습니다. 모든 영상이 검증용입니다.</translation>
    </message>
    <message>
        <source>No labelled pixel is left for validation: label more of the image, or mark scenes of the table as validation.</source>
        <translation>검증에 사용할 라벨 픽셀이 없습니다. 영상에 라벨을 더 만들거나, 테이블에서 검증용(validation) 영상을 지정하십시오.</translation>
    </message>
    <message>
        <source>No model file can describe this network: {}.</source>
        <translation>이 신경망은 모델 파일로 저장할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>No pixel of the image is labelled: do labels, area and image overlap?</source>
        <translation>영상에 라벨이 있는 픽셀이 없습니다. 라벨, 라벨 영역, 영상이 서로 겹치는지 확인하십시오.</translation>
    </message>
    <message>
        <source>No training block has a share of {:g} of other classes than the first; the largest is {:.4f}. Make least_foreground smaller, or 0 to learn from all.</source>
        <translation>첫 번째가 아닌 클래스의 비율이 {:g} 이상인 학습 블록이 없습니다. 가장 큰 비율은 {:.4f}입니다. least_foreground를 줄이거나, 모든 블록으로 학습하려면 0으로 지정하십시오.</translation>
    </message>
    <message>
        <source>Nothing to learn from yet: give {} ({}).</source>
        <translation>학습할 데이터가 없습니다. 다음 항목을 지정하십시오: {} ({}).</translation>
    </message>
    <message>
        <source>Nothing to segment: give a folder of rasters, a scenes table, or raster layers.</source>
        <translation>세그멘테이션할 영상이 없습니다. 래스터 폴더, 영상 목록 테이블 또는 래스터 레이어를 지정하십시오.</translation>
    </message>
    <message>
        <source>Number format of the computation. auto: the fastest one that is safe on the device.</source>
        <translation>계산에 사용하는 숫자 형식입니다. auto: 장치에서 안전하게 사용할 수 있는 가장 빠른 형식.</translation>
    </message>
    <message>
        <source>Number of batches whose gradients are added up for one step of the optimiser: the effect of a large batch with little memory. Automatic: 4 for CMX, 1 for all others.</source>
        <translation>옵티마이저의 한 스텝을 위해 그래디언트를 더하는 배치의 수입니다. 적은 메모리로 큰 배치의 효과를 냅니다. 자동: CMX는 4, 그 밖에는 모두 1.</translation>
    </message>
    <message>
        <source>Number of epochs at the start in which the encoders do not change; with pretrained weights, only the encoders that start from them. Automatic: for CMX a tenth of the epochs with pretrained weights, 0 for all others.</source>
        <translation>학습을 시작할 때 인코더를 바꾸지 않는 에포크의 수입니다. 사전학습 가중치를 사용하면 그 가중치로 시작하는 인코더만 바꾸지 않습니다. 자동: CMX에서 사전학습 가중치를 사용하면 에포크의 1/10, 그 밖에는 모두 0.</translation>
    </message>
    <message>
        <source>Number of pixels by which neighbouring tiles overlap. Their results are blended there, which hides seams. Automatic: an eighth of the model&apos;s tile size.</source>
        <translation>이웃한 타일이 겹치는 픽셀 수입니다. 겹친 부분에서는 결과를 섞어 이음매를 감춥니다. 자동: 모델 타일 크기의 1/8.</translation>
    </message>
    <message>
        <source>Number of processes, each of which loads the models and segments one scene at a time. Automatic: one for each graphics card, or one for every four processor cores.</source>
        <translation>프로세스의 수입니다. 프로세스마다 모델을 불러와 한 번에 영상 하나를 세그멘테이션합니다. 자동: 그래픽 카드마다 하나, 그래픽 카드가 없으면 CPU 코어 4개마다 하나입니다.</translation>
    </message>
    <message>
        <source>Number of processor cores of each process on Ray. Automatic: an equal share of all cores.</source>
        <translation>Ray 프로세스 하나가 사용하는 CPU 코어의 수입니다. 자동: 전체 코어를 똑같이 나눕니다.</translation>
    </message>
    <message>
        <source>Number of tiles that are processed together. Automatic: the number that is fastest on the device. If the memory runs out, DualStream processes fewer at a time.</source>
        <translation>한 번에 함께 처리하는 타일의 수입니다. 자동: 장치에서 가장 빠른 수. 메모리가 부족하면 DualStream이 더 적은 수로 나누어 처리합니다.</translation>
    </message>
    <message>
        <source>Number of tiles that are processed together; 0: as many as fit into the memory of the device. If the memory runs out, DualStream processes fewer at a time; each step still uses the same number of tiles.</source>
        <translation>한 번에 함께 처리하는 타일의 수입니다. 0: 장치의 메모리에 들어가는 만큼. 메모리가 부족하면 DualStream이 더 적은 수로 나누어 처리하지만, 스텝마다 사용하는 타일의 수는 같습니다.</translation>
    </message>
    <message>
        <source>Number of weights</source>
        <translation>가중치 수</translation>
    </message>
    <message>
        <source>Numbers of the bands to use of each image, separated by commas and counted from 1, in this order. Empty: all bands.</source>
        <translation>각 영상에서 사용할 밴드의 번호를 1부터 세어 사용할 순서대로 쉼표로 구분하여 입력합니다. 비워두면 모든 밴드를 사용합니다.</translation>
    </message>
    <message>
        <source>Numbers of the bands to use of each image, separated by commas and counted from 1, in this order. Empty: the bands that the model was trained on.</source>
        <translation>각 영상에서 사용할 밴드의 번호를 1부터 세어 사용할 순서대로 쉼표로 구분하여 입력합니다. 비워두면 모델 학습에 쓰인 밴드를 사용합니다.</translation>
    </message>
    <message>
        <source>Numbers of the bands to use, separated by commas and counted from 1 through all auxiliary rasters. Empty: all bands. With this, one raster can be both image and auxiliary raster.</source>
        <translation>사용할 밴드의 번호를 쉼표로 구분하여 입력합니다. 번호는 모든 보조 래스터에 걸쳐 1부터 셉니다. 비워두면 모든 밴드를 사용합니다. 이 설정으로 래스터 하나를 영상과 보조 래스터로 함께 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>ONNX files</source>
        <translation>ONNX 파일</translation>
    </message>
    <message>
        <source>On Ray, several processes compute parts of a scene that has more million pixels than this. The mask is the same as from one process.</source>
        <translation>크기가 이 값(백만 픽셀)보다 큰 영상은 Ray에서 여러 프로세스가 부분별로 나누어 계산합니다. 마스크는 프로세스 하나로 계산할 때와 같습니다.</translation>
    </message>
    <message>
        <source>On a CPU each process normalises by the tiles of its own batch (batch norm): the weights differ slightly from those of one process with the joined batch.</source>
        <translation>CPU에서는 프로세스마다 자기 배치의 타일로만 배치 정규화(batch norm)를 수행합니다. 따라서 가중치는 프로세스 하나가 전체 배치를 처리할 때와 조금 다릅니다.</translation>
    </message>
    <message>
        <source>One HTML file, readable in any browser and without the internet. Choose a file to keep it: a temporary one is deleted when QGIS closes.</source>
        <translation>인터넷 연결 없이 어느 브라우저에서나 읽을 수 있는 HTML 파일 하나입니다. 보관하려면 파일을 선택하십시오. 임시 파일은 QGIS를 닫을 때 삭제됩니다.</translation>
    </message>
    <message>
        <source>One HTML file, to read here or to send with a question.</source>
        <translation>HTML 파일 하나로, 여기에서 읽거나 문의할 때 함께 보낼 수 있습니다.</translation>
    </message>
    <message>
        <source>One file, which any browser shows without a network.</source>
        <translation>인터넷 연결 없이 어느 브라우저에서나 볼 수 있는 파일 하나입니다.</translation>
    </message>
    <message>
        <source>Only one of {} and {} has a coordinate system: assign the right one to the other (Raster &gt; Projections), otherwise they cannot be aligned.</source>
        <translation>{} 래스터와 {} 래스터 가운데 하나에만 좌표계가 있습니다. 좌표계가 없는 래스터에 올바른 좌표계를 지정하십시오(래스터 &gt; 투영체). 그렇지 않으면 두 래스터를 정렬할 수 없습니다.</translation>
    </message>
    <message>
        <source>Only pixels inside these polygons are compared. Empty: wherever there are labels.</source>
        <translation>이 폴리곤 안의 픽셀만 비교합니다. 비워두면 라벨이 있는 모든 곳을 비교합니다.</translation>
    </message>
    <message>
        <source>Only pixels inside these polygons count as labelled. Empty: the whole image.</source>
        <translation>이 폴리곤 안의 픽셀만 라벨이 있는 것으로 봅니다. 비워두면 영상 전체에 라벨이 있는 것으로 봅니다.</translation>
    </message>
    <message>
        <source>Only validation scenes have auxiliary rasters: give them for training scenes too, or for none.</source>
        <translation>검증용 영상에만 보조 래스터가 있습니다. 학습용 영상에도 보조 래스터를 지정하거나, 어느 영상에도 지정하지 마십시오.</translation>
    </message>
    <message>
        <source>Only with several models: raster with the share of models, in percent, whose class differs from the mask&apos;s.</source>
        <translation>모델이 여러 개일 때만 만듭니다. 마스크와 다른 클래스를 선택한 모델의 비율(%)을 담은 래스터입니다.</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>옵티마이저</translation>
    </message>
    <message>
        <source>Optional libraries</source>
        <translation>선택적 라이브러리</translation>
    </message>
    <message>
        <source>Outlines of mask and labels agree where they are no farther apart than this. The report also says it in metres.</source>
        <translation>마스크와 라벨의 외곽선이 이 거리 이내에 있으면 일치하는 것으로 봅니다. 보고서에는 이 거리가 미터로도 표시됩니다.</translation>
    </message>
    <message>
        <source>Outlines the areas of a mask&apos;s classes, such as the footprints of buildings.</source>
        <translation>마스크의 클래스별 영역(예: 건물)에서 외곽선을 추출하여 폴리곤으로 만듭니다.</translation>
    </message>
    <message>
        <source>Overlap of tiles in pixels</source>
        <translation>타일 중첩 (픽셀)</translation>
    </message>
    <message>
        <source>Page about the model</source>
        <translation>모델 정보 페이지</translation>
    </message>
    <message>
        <source>Paste gives {!r}; after the colon comes soft or companion, or leave it out.</source>
        <translation>paste 값이 유효하지 않습니다: {!r}. 콜론 뒤에 soft 또는 companion을 적거나 콜론을 빼십시오.</translation>
    </message>
    <message>
        <source>Paste names companions only; name the class that they travel with too.</source>
        <translation>paste에 companion 클래스만 지정되어 있습니다. 함께 이동할 클래스도 지정하십시오.</translation>
    </message>
    <message>
        <source>Paste names the class {!r} twice; give it one role.</source>
        <translation>paste에 {!r} 클래스가 두 번 있습니다. 역할을 하나만 지정하십시오.</translation>
    </message>
    <message>
        <source>Paste names {!r}; the classes are {}.</source>
        <translation>paste에 지정한 {!r} 클래스가 없습니다. 클래스: {}.</translation>
    </message>
    <message>
        <source>Patience</source>
        <translation>조기 종료 대기 횟수</translation>
    </message>
    <message>
        <source>Pixel accuracy</source>
        <translation>픽셀 정확도</translation>
    </message>
    <message>
        <source>Pixels outside every polygon</source>
        <translation>폴리곤 바깥의 픽셀</translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation>폴리곤</translation>
    </message>
    <message>
        <source>Polygons of {}</source>
        <translation>{} 폴리곤</translation>
    </message>
    <message>
        <source>Pool: {}.</source>
        <translation>작업 풀: {}.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>계산 정밀도</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>프리셋</translation>
    </message>
    <message>
        <source>Pretrained weights here</source>
        <translation>이 컴퓨터에 있는 사전학습 가중치</translation>
    </message>
    <message>
        <source>Processes on Ray</source>
        <translation>Ray 프로세스 수</translation>
    </message>
    <message>
        <source>PyTorch</source>
        <translation>PyTorch</translation>
    </message>
    <message>
        <source>Python of the engine</source>
        <translation>엔진의 파이썬</translation>
    </message>
    <message>
        <source>QGIS</source>
        <translation>QGIS</translation>
    </message>
    <message>
        <source>Raster layers instead</source>
        <translation>대신 사용할 래스터 레이어</translation>
    </message>
    <message>
        <source>Raster with the probability of each pixel&apos;s class, in percent.</source>
        <translation>픽셀별 클래스의 확률(%)을 담은 래스터입니다.</translation>
    </message>
    <message>
        <source>Ray could not be started on this machine ({}): leave the option on empty, which needs none.</source>
        <translation>이 컴퓨터에서 Ray를 시작할 수 없습니다({}). on 옵션을 비워두면 Ray가 필요 없습니다.</translation>
    </message>
    <message>
        <source>Reading the first tiles</source>
        <translation>첫 타일을 읽는 중</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>레시피</translation>
    </message>
    <message>
        <source>Recipe of {}</source>
        <translation>{} 레시피</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>보고서</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>결과</translation>
    </message>
    <message>
        <source>Right angles</source>
        <translation>직각으로 정리</translation>
    </message>
    <message>
        <source>Run it again with the same parameters: it continues after the rows that are finished.</source>
        <translation>같은 설정으로 다시 실행하면 완료된 행 다음부터 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>Run lengths</source>
        <translation>RLE(런 길이) 방향</translation>
    </message>
    <message>
        <source>Run lengths of a competition</source>
        <translation>대회 데이터의 RLE(런 길이) 방향</translation>
    </message>
    <message>
        <source>Runtime</source>
        <translation>런타임</translation>
    </message>
    <message>
        <source>Runtime used</source>
        <translation>사용한 런타임</translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation>샘플링</translation>
    </message>
    <message>
        <source>Says whether DualStream can run here, on which device, and what to do if not.</source>
        <translation>이 컴퓨터에서 DualStream을 실행할 수 있는지, 어느 장치에서 계산하는지, 실행할 수 없으면 무엇을 해야 하는지 알려 줍니다.</translation>
    </message>
    <message>
        <source>Scaling of pixel values</source>
        <translation>픽셀 값 정규화</translation>
    </message>
    <message>
        <source>Scenes</source>
        <translation>영상 수</translation>
    </message>
    <message>
        <source>Scenes (folder or table)</source>
        <translation>영상 (폴더 또는 테이블)</translation>
    </message>
    <message>
        <source>Scenes finished before</source>
        <translation>이전에 완료된 영상 수</translation>
    </message>
    <message>
        <source>Scenes of one name get others: {}.</source>
        <translation>이름이 같은 영상의 이름을 바꿉니다: {}.</translation>
    </message>
    <message>
        <source>Scenes segmented</source>
        <translation>세그멘테이션한 영상 수</translation>
    </message>
    <message>
        <source>Scenes tables</source>
        <translation>영상 목록 테이블</translation>
    </message>
    <message>
        <source>Scenes that failed</source>
        <translation>실패한 영상 수</translation>
    </message>
    <message>
        <source>Second stream:</source>
        <translation>두 번째 스트림:</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>소요 시간 (초)</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>랜덤 시드</translation>
    </message>
    <message>
        <source>Segment many scenes</source>
        <translation>여러 영상 세그멘테이션</translation>
    </message>
    <message>
        <source>Segment only this part, in any coordinate system. Empty: the whole image. The button Map view takes what the map shows, for a preview in seconds.</source>
        <translation>이 부분만 세그멘테이션합니다. 좌표계는 무엇이든 됩니다. 비워두면 영상 전체를 세그멘테이션합니다. “맵 캔버스 범위” 버튼을 클릭하면 맵에 보이는 부분이 범위로 지정되어 몇 초 만에 결과를 미리 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>Segment with DualStream</source>
        <translation>DualStream으로 세그멘테이션</translation>
    </message>
    <message>
        <source>Segments every image of a folder into a table of run lengths, and pictures.</source>
        <translation>폴더의 모든 영상을 세그멘테이션하여 RLE(런 길이) 테이블과 그림을 만듭니다.</translation>
    </message>
    <message>
        <source>Set up DualStream</source>
        <translation>DualStream 환경 설치</translation>
    </message>
    <message>
        <source>Set-up</source>
        <translation>설치</translation>
    </message>
    <message>
        <source>Share kept for validation</source>
        <translation>검증용 비율</translation>
    </message>
    <message>
        <source>Share of training tiles, 0 to 1, that are drawn around a pixel of a class, with the same probability for each class, so that the network sees rare classes. Automatic: 0.5 for CMX, 0 for all others.</source>
        <translation>학습 타일 가운데 특정 클래스의 픽셀 주위에서 추출하는 타일의 비율(0에서 1 사이)입니다. 모든 클래스를 같은 확률로 추출하므로 신경망이 드문 클래스를 볼 수 있습니다. 자동: CMX는 0.5, 그 밖에는 모두 0.</translation>
    </message>
    <message>
        <source>Share of training tiles, 0 to 1, that must show another class than the first one, wherever there is one. Automatic: 1 for the building networks, 0 for all others.</source>
        <translation>학습 타일 가운데 첫 번째가 아닌 클래스가 반드시 있어야 하는 타일의 비율(0에서 1 사이)입니다. 그런 클래스가 있는 곳에서만 적용합니다. 자동: 건물용 신경망은 1, 그 밖에는 모두 0.</translation>
    </message>
    <message>
        <source>Show all settings with their defaults</source>
        <translation>모든 설정과 기본값 표시</translation>
    </message>
    <message>
        <source>Shows what a model needs, which classes it finds, how good it is, and where it comes from.</source>
        <translation>모델에 필요한 것, 모델이 찾는 클래스, 모델의 성능과 출처를 보여 줍니다.</translation>
    </message>
    <message>
        <source>Side of the square that the network sees at once, in pixels; a multiple of 32. The model file stores it, and segmenting uses it too. Make it smaller if the memory runs out. Automatic: 512 px with a GPU and 256 px without one (224 px for the building networks), but never larger than the smallest image.</source>
        <translation>신경망이 한 번에 보는 정사각형의 한 변 길이(픽셀)이며, 32의 배수입니다. 모델 파일에 저장되어 세그멘테이션에도 사용됩니다. 메모리가 부족하면 줄이십시오. 자동: GPU가 있으면 512 px, 없으면 256 px(건물용 신경망은 224 px)이며, 가장 작은 영상보다 커지지 않습니다.</translation>
    </message>
    <message>
        <source>Side of the square, in pixels, to which the auxiliary rasters of a tile are resampled. Automatic: computed from the resolutions of the rasters.</source>
        <translation>타일의 보조 래스터를 리샘플링할 정사각형의 한 변 길이(픽셀)입니다. 자동: 래스터의 해상도로 계산합니다.</translation>
    </message>
    <message>
        <source>Simplify by up to (metres)</source>
        <translation>단순화 최대 거리 (m)</translation>
    </message>
    <message>
        <source>Size of a pixel of the training&apos;s images on the ground. With it, images of another resolution are resampled for the network. Not set: unknown, and no image is resampled.</source>
        <translation>학습에 쓰인 영상에서 픽셀 하나가 지상에서 차지하는 크기입니다. 이 값을 지정하면 해상도가 다른 영상을 신경망에 맞게 리샘플링합니다. 설정되지 않음: 알 수 없음. 영상을 리샘플링하지 않습니다.</translation>
    </message>
    <message>
        <source>Some images are smaller than a tile, the smallest {} px: their tiles are padded.</source>
        <translation>타일보다 작은 영상이 있으며, 가장 작은 영상은 {} px입니다. 이런 영상의 타일은 빈 부분을 채워 사용합니다.</translation>
    </message>
    <message>
        <source>Split scenes above (million pixels, 0: never)</source>
        <translation>이보다 큰 영상 나누기 (백만 픽셀, 0: 나누지 않음)</translation>
    </message>
    <message>
        <source>Standard deviation of each band</source>
        <translation>밴드별 표준 편차</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>시작</translation>
    </message>
    <message>
        <source>Start from a model</source>
        <translation>기존 모델에서 시작</translation>
    </message>
    <message>
        <source>Start value of all random numbers. On the CPU of the same computer, the same seed gives the same model.</source>
        <translation>모든 난수의 시작값입니다. 같은 컴퓨터의 CPU에서는 시드가 같으면 모델도 같습니다.</translation>
    </message>
    <message>
        <source>Starting the engine…</source>
        <translation>엔진을 시작하는 중…</translation>
    </message>
    <message>
        <source>Stream dropout</source>
        <translation>스트림 드롭아웃</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation>요약</translation>
    </message>
    <message>
        <source>Summary as a table</source>
        <translation>요약 테이블</translation>
    </message>
    <message>
        <source>System</source>
        <translation>시스템</translation>
    </message>
    <message>
        <source>Table of run lengths</source>
        <translation>RLE(런 길이) 테이블</translation>
    </message>
    <message>
        <source>Tables of run lengths have no coordinates, no fields and one class: leave out area, class_field, ignore and merge.</source>
        <translation>RLE(런 길이) 테이블에는 좌표와 필드가 없고 클래스가 하나뿐입니다. area, class_field, ignore, merge를 빼십시오.</translation>
    </message>
    <message>
        <source>Tables of run lengths have no report and no sample: leave out report and sampling.</source>
        <translation>RLE(런 길이) 테이블에는 보고서와 표본을 사용할 수 없습니다. report와 sampling을 빼십시오.</translation>
    </message>
    <message>
        <source>Table…</source>
        <translation>테이블…</translation>
    </message>
    <message>
        <source>Test-time augmentation</source>
        <translation>테스트 시 증강(TTA)</translation>
    </message>
    <message>
        <source>The ImageNet weights of the encoder {} could not be fetched ({}): choose tf_efficientnet_lite0, whose weights come with the engine, give a file that holds weights, or none to start from random ones.</source>
        <translation>{} 인코더의 ImageNet 가중치를 다운로드할 수 없습니다({}). 엔진에 가중치가 들어 있는 tf_efficientnet_lite0 인코더를 선택하거나, 가중치 파일을 지정하거나, 무작위 가중치로 시작하려면 none을 지정하십시오.</translation>
    </message>
    <message>
        <source>The attribute with each polygon&apos;s class, where a scenes table names polygons as labels. Empty: all polygons are one class.</source>
        <translation>영상 목록 테이블에서 라벨로 폴리곤을 지정한 경우, 각 폴리곤의 클래스가 들어 있는 속성입니다. 비워두면 모든 폴리곤이 한 클래스입니다.</translation>
    </message>
    <message>
        <source>The attribute with the class of each polygon of the mask. Empty: the field class, which &quot;Mask to polygons&quot; writes, or all polygons are one class.</source>
        <translation>마스크의 각 폴리곤의 클래스가 들어 있는 속성입니다. 비워두면 “마스크를 폴리곤으로”가 저장하는 class 필드를 사용하며, 이 필드가 없으면 모든 폴리곤이 한 클래스입니다.</translation>
    </message>
    <message>
        <source>The augmentation copy-paste can do nothing: {}.</source>
        <translation>데이터 증강 copy-paste를 적용할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The augmentation copy-paste does nothing now: a batch of one tile has no other to paste from.</source>
        <translation>데이터 증강 copy-paste가 이제 적용되지 않습니다. 배치에 타일이 하나뿐이어서 붙여넣을 다른 타일이 없습니다.</translation>
    </message>
    <message>
        <source>The augmentation {!r} has a part {!r} that is not one of {}; join parts with +, or give {!r} alone.</source>
        <translation>데이터 증강 {!r}: {!r} 부분은 없는 데이터 증강입니다. 사용할 수 있는 데이터 증강: {}. 여러 개는 +로 연결하고, 사용하지 않으려면 {!r}만 지정하십시오.</translation>
    </message>
    <message>
        <source>The auxiliary rasters ({}) have no band {}: together they have {}, counted from 1 through all files. Choose among those, or none to use all.</source>
        <translation>보조 래스터({})에 {}번 밴드가 없습니다. 보조 래스터에는 모두 {}가 있으며, 번호는 모든 파일에 걸쳐 1부터 셉니다. 그중에서 선택하거나, 모두 사용하려면 비워두십시오.</translation>
    </message>
    <message>
        <source>The auxiliary rasters of {} have {}, those of {} {}: all scenes need the same stack.</source>
        <translation>보조 래스터의 밴드 수가 다릅니다. {} 영상: {}, {} 영상: 밴드 {}개. 모든 영상의 보조 래스터는 밴드 구성이 같아야 합니다.</translation>
    </message>
    <message>
        <source>The bands to use, in this order. Nothing selected: the bands that the model was trained on.</source>
        <translation>사용할 밴드이며, 이 순서대로 사용합니다. 선택하지 않으면 모델 학습에 쓰인 밴드를 사용합니다.</translation>
    </message>
    <message>
        <source>The card of {} is damaged: {}.</source>
        <translation>{} 파일의 모델 카드가 손상되었습니다: {}.</translation>
    </message>
    <message>
        <source>The class name {} is not of the form value=name or value=name=#rrggbb.</source>
        <translation>클래스 이름 {}: value=name 또는 value=name=#rrggbb 형식이어야 합니다.</translation>
    </message>
    <message>
        <source>The class table holds a class whose background is {}, not true or false.</source>
        <translation>클래스 테이블에 background 값이 유효하지 않은 클래스가 있습니다({}). true 또는 false를 사용하십시오.</translation>
    </message>
    <message>
        <source>The class table holds a class whose {} is {}, not {}.</source>
        <translation>클래스 테이블에 {} 값이 유효하지 않은 클래스가 있습니다({}). 필요한 값: {}.</translation>
    </message>
    <message>
        <source>The class table holds {}: a class has a value, a name, a colour, optionally background, and nothing else.</source>
        <translation>클래스 테이블의 항목이 유효하지 않습니다: {}. 클래스에는 value, name, colour가 있어야 하며, background는 선택적이고 다른 것은 넣을 수 없습니다.</translation>
    </message>
    <message>
        <source>The class table is out of order: value {} comes after {}.</source>
        <translation>클래스 테이블의 순서가 맞지 않습니다. 값 {} 앞에 더 큰 값 {}이(가) 있습니다.</translation>
    </message>
    <message>
        <source>The class value {} is twice in the class table.</source>
        <translation>클래스 테이블에 클래스 값 {}이(가) 두 번 있습니다. 값마다 한 번만 지정하십시오.</translation>
    </message>
    <message>
        <source>The class weight {} is not of the form class=weight with a number above 0, such as water=3; or balanced alone, which weights all classes by their pixels.</source>
        <translation>클래스 가중치 {}: 0보다 큰 숫자를 class=weight 형식으로 지정해야 합니다(예: water=3). 모든 클래스에 픽셀 수에 따른 가중치를 주려면 balanced만 지정하십시오.</translation>
    </message>
    <message>
        <source>The class {!r} (value {}) has no labelled pixel to train on; found: {}. Label some of it, or leave the class out.</source>
        <translation>{!r} 클래스(값 {})에 학습할 라벨 픽셀이 없습니다. 라벨에 있는 클래스: {}. 이 클래스의 라벨을 만들거나 클래스를 빼십시오.</translation>
    </message>
    <message>
        <source>The class {} has no name: give it one.</source>
        <translation>클래스 {}에 이름이 없습니다. 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The class {} is in two merges, the second is {}: take it out of one.</source>
        <translation>{} 클래스가 merge의 두 항목에 들어 있습니다. 두 번째 항목은 {}입니다. 둘 중 한쪽에서 빼십시오.</translation>
    </message>
    <message>
        <source>The cluster has no room yet for {}: the run waits until it has. Ask for fewer cores, or end what else is computed there.</source>
        <translation>클러스터에 아직 자리가 없어 자리가 날 때까지 기다립니다. 필요한 자리: {}. 코어 수를 줄이거나 클러스터의 다른 계산을 끝내십시오.</translation>
    </message>
    <message>
        <source>The colour {} of class {} is not of the form #rrggbb.</source>
        <translation>색상 {}: 클래스 {}의 색상은 #rrggbb 형식이어야 합니다.</translation>
    </message>
    <message>
        <source>The colour {} stands for two classes, {} and {}: give each class a colour of its own, and none that the data&apos;s layout has for another.</source>
        <translation>{} 색상이 두 클래스({}, {})에 지정되어 있습니다. 클래스마다 다른 색상을 지정하고, 데이터의 구조에서 다른 클래스에 정해진 색상은 사용하지 마십시오.</translation>
    </message>
    <message>
        <source>The confidence raster {} ({} x {} px) does not lie pixel by pixel on the mask {} ({} x {} px): give that of the same run, or none.</source>
        <translation>{} 신뢰도 래스터({} x {} px)의 픽셀이 {} 마스크({} x {} px)의 픽셀과 일치하지 않습니다. 같은 실행에서 만든 신뢰도 래스터를 지정하거나 비워두십시오.</translation>
    </message>
    <message>
        <source>The confidence raster {} is in {}, the mask {} in {}: give that of the same run, or none.</source>
        <translation>{} 신뢰도 래스터의 좌표계는 {}이고, {} 마스크의 좌표계는 {}입니다. 같은 실행에서 만든 신뢰도 래스터를 지정하거나 비워두십시오.</translation>
    </message>
    <message>
        <source>The coordinate system of {} is unknown ({}).</source>
        <translation>{} 파일의 좌표계를 알 수 없습니다({}).</translation>
    </message>
    <message>
        <source>The dataset {} does not exist: give a folder or a scenes table (CSV).</source>
        <translation>데이터셋이 없습니다: {}. 폴더 또는 영상 목록 테이블(CSV)을 지정하십시오.</translation>
    </message>
    <message>
        <source>The details for a report are under View &gt; Panels &gt; Log Messages &gt; DualStream.</source>
        <translation>오류를 보고할 때 필요한 자세한 내용은 보기 &gt; 패널 &gt; 로그 메시지 &gt; DualStream에 있습니다.</translation>
    </message>
    <message>
        <source>The device all is for training: choose auto here, or map many scenes with segment-folder and --on ray, which uses every GPU.</source>
        <translation>장치 all은 학습에만 사용할 수 있습니다. auto를 선택하거나, 모든 GPU를 사용하려면 segment-folder를 --on ray와 함께 사용하여 여러 영상을 세그멘테이션하십시오.</translation>
    </message>
    <message>
        <source>The device {!r} is a single one, but this training has {} processes: leave it at auto for a GPU each, or choose cpu.</source>
        <translation>{!r} 장치는 하나뿐인데 이 학습에는 프로세스가 {}개 있습니다. 프로세스마다 GPU를 하나씩 사용하려면 auto로 두고, 그렇지 않으면 cpu를 선택하십시오.</translation>
    </message>
    <message>
        <source>The device {!r} is unknown: use auto, cpu, cuda, cuda:0 or mps.</source>
        <translation>장치가 유효하지 않습니다: {!r}. auto, cpu, cuda, cuda:0 또는 mps를 사용하십시오.</translation>
    </message>
    <message>
        <source>The disk of {} has {} free, and the run needs about {}: free some, or choose another folder.</source>
        <translation>{} 폴더가 있는 디스크의 남은 공간은 {}인데, 실행에 필요한 공간은 약 {}입니다. 공간을 확보하거나 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The encoder {} cannot be used: its features do not have the strides 4, 8, 16 and 32, or its stages are not applied one after the other. Choose a pyramid, such as tf_efficientnet_lite0, convnext_tiny or pvt_v2_b1.</source>
        <translation>{} 인코더를 사용할 수 없습니다. 특징 맵의 스트라이드가 4, 8, 16, 32가 아니거나 단계가 차례로 적용되지 않습니다. 피라미드 인코더를 선택하십시오(예: tf_efficientnet_lite0, convnext_tiny, pvt_v2_b1).</translation>
    </message>
    <message>
        <source>The encoder {} cannot take tiles of {} px: {}. Choose another tile size or encoder.</source>
        <translation>{} 인코더는 {} px 타일을 처리할 수 없습니다: {}. 다른 타일 크기나 인코더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The engine is running and loads its libraries…</source>
        <translation>엔진이 시작되어 라이브러리를 불러오는 중…</translation>
    </message>
    <message>
        <source>The engine&apos;s folder is {}</source>
        <translation>엔진 폴더: {}</translation>
    </message>
    <message>
        <source>The ensemble file {} cannot be read: {}.</source>
        <translation>{} 앙상블 파일을 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The ensemble file {} must hold an object with a list of members, each with a model and optionally a weight, and optionally combine.</source>
        <translation>{} 앙상블 파일에는 members 목록이 있는 JSON 객체가 있어야 합니다. 구성 모델마다 model이 필요하며, weight와 combine은 선택적입니다.</translation>
    </message>
    <message>
        <source>The ensemble file {} names its members itself: give it alone, or the model files.</source>
        <translation>{} 앙상블 파일에는 이미 구성 모델이 적혀 있습니다. 이 파일 하나만 지정하거나 모델 파일들을 지정하십시오.</translation>
    </message>
    <message>
        <source>The error that training minimises; + takes the mean of several losses, and 0.7*focal+0.3*dice their weighted sum. Automatic: ohem+dice for CMX, focal-dice for the building networks, ce+dice for all others.</source>
        <translation>학습에서 최소화하는 오차입니다. +로 연결하면 여러 손실의 평균을, 0.7*focal+0.3*dice처럼 쓰면 가중합을 사용합니다. 자동: CMX는 ohem+dice, 건물용 신경망은 focal-dice, 그 밖에는 모두 ce+dice.</translation>
    </message>
    <message>
        <source>The extent cannot be brought from {} to the image&apos;s coordinate system ({}).</source>
        <translation>범위를 {} 좌표계에서 영상의 좌표계로 변환할 수 없습니다({}).</translation>
    </message>
    <message>
        <source>The extent lies outside of {}: choose a part of the image.</source>
        <translation>범위가 {} 영상 밖에 있습니다. 영상 안의 범위를 선택하십시오.</translation>
    </message>
    <message>
        <source>The extent {} lies outside the image {}.</source>
        <translation>범위 {}: {} 영상 밖에 있습니다. 영상 안의 범위를 지정하십시오.</translation>
    </message>
    <message>
        <source>The first stream, which defines the grid: one raster, or several with the same bands, such as the tiles of a town. Labels and auxiliary rasters belong to all of them; in scripts a folder stands for all rasters in it. A scene to segment later needs the same bands in the same order.</source>
        <translation>첫 번째 스트림이며, 그리드의 기준이 됩니다. 래스터 하나 또는 밴드가 같은 래스터 여러 개(예: 한 도시를 나눈 타일)를 지정합니다. 라벨과 보조 래스터는 이 래스터 모두에 적용됩니다. 스크립트에서 폴더를 지정하면 폴더에 있는 모든 래스터를 뜻합니다. 나중에 세그멘테이션할 영상에도 같은 밴드가 같은 순서로 있어야 합니다.</translation>
    </message>
    <message>
        <source>The first worker is still starting: it loads the engine&apos;s libraries.</source>
        <translation>첫 번째 작업 프로세스를 아직 시작하는 중입니다. 엔진의 라이브러리를 불러오고 있습니다.</translation>
    </message>
    <message>
        <source>The folder {} for pictures of the validations cannot be used ({}): rename what is in its place.</source>
        <translation>검증 그림을 저장할 {} 폴더를 사용할 수 없습니다({}). 그 자리에 있는 파일이나 폴더의 이름을 바꾸십시오.</translation>
    </message>
    <message>
        <source>The folder {} has no known layout. DualStream&apos;s has ts_sn (images), tl_sn (labels), t_ap and t_gems (auxiliary), and the same with v for validation; the clouds&apos; has train/rgb, train/ngr and train/label, and the same in val; a competition&apos;s has train.csv (img_id, img_path, mask_rle) and train_img; or give a scenes table (CSV).</source>
        <translation>{} 폴더의 구조가 유효하지 않습니다. DualStream 구조에는 ts_sn(영상), tl_sn(라벨), t_ap, t_gems(보조 래스터)가 있고, 검증용 폴더의 이름은 t 대신 v로 시작합니다. 구름 구조에는 train/rgb, train/ngr, train/label이 있고, val에도 같은 폴더가 있습니다. 대회 구조에는 train.csv(img_id, img_path, mask_rle)와 train_img가 있습니다. 이 가운데 한 구조를 사용하거나 영상 목록 테이블(CSV)을 지정하십시오.</translation>
    </message>
    <message>
        <source>The image is resampled for the model; expect a less accurate mask.</source>
        <translation>영상을 모델에 맞게 리샘플링하므로 마스크의 정확도가 떨어질 수 있습니다.</translation>
    </message>
    <message>
        <source>The image {} has no labels: give a class raster or polygons.</source>
        <translation>{} 영상에 라벨이 없습니다. 클래스 래스터 또는 폴리곤을 지정하십시오.</translation>
    </message>
    <message>
        <source>The image {} is given twice: give it once.</source>
        <translation>{} 영상을 두 번 지정했습니다. 한 번만 지정하십시오.</translation>
    </message>
    <message>
        <source>The images of the scenes, as layers of the project or files, instead of a folder or table. For thousands of images use a folder: QGIS opens each layer first.</source>
        <translation>폴더나 테이블 대신 영상을 프로젝트의 레이어나 파일로 지정합니다. 영상이 수천 개이면 폴더를 사용하십시오. 레이어로 지정하면 QGIS가 레이어를 하나씩 먼저 엽니다.</translation>
    </message>
    <message>
        <source>The images {} and {} have one name, by which the labels in {} are found: rename one.</source>
        <translation>{} 영상과 {} 영상의 이름이 같습니다. {} 폴더의 라벨은 영상의 이름으로 찾으므로, 둘 중 하나의 이름을 바꾸십시오.</translation>
    </message>
    <message>
        <source>The input {} would be written over: choose another output folder.</source>
        <translation>입력 파일을 덮어쓰게 됩니다: {}. 다른 산출 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The job file is not JSON: {}.</source>
        <translation>작업 파일이 JSON 형식이 아닙니다: {}.</translation>
    </message>
    <message>
        <source>The job file must hold one JSON object with the job&apos;s fields.</source>
        <translation>작업 파일에는 작업의 필드가 들어 있는 JSON 객체 하나가 있어야 합니다.</translation>
    </message>
    <message>
        <source>The job file {} cannot be read: {}.</source>
        <translation>{} 작업 파일을 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The job has no field {}; it knows {}.</source>
        <translation>작업에 {} 필드가 없습니다. 사용할 수 있는 필드: {}.</translation>
    </message>
    <message>
        <source>The labels hold the class {!r}, which the mask does not know: it has {}. If it is one of these, say so with merge, as {}={}; if it does not count, ignore it.</source>
        <translation>라벨의 {!r} 클래스가 마스크에 없습니다. 마스크의 클래스: {}. 이 가운데 하나에 해당하면 merge로 지정하고(예: {}={}), 비교할 필요가 없으면 무시할 클래스로 지정하십시오.</translation>
    </message>
    <message>
        <source>The labels {} and the mask {} share no labelled pixel.</source>
        <translation>{} 라벨과 {} 마스크가 겹치는 곳에 라벨이 있는 픽셀이 없습니다.</translation>
    </message>
    <message>
        <source>The labels {} declare a nodata value that is part of a colour: take the declaration away (gdal_edit.py -unsetnodata), or use an alpha band.</source>
        <translation>{} 라벨에 지정된 NODATA 값이 색상의 일부이기도 합니다. NODATA 지정을 해제하거나(gdal_edit.py -unsetnodata) 알파 밴드를 사용하십시오.</translation>
    </message>
    <message>
        <source>The labels {} have {} bands; a class raster has one, whose values are the classes, and a coloured picture three of 8 bit (and alpha).</source>
        <translation>{} 라벨에 밴드가 {}개 있습니다. 클래스 래스터는 값이 클래스인 단일 밴드 래스터이고, 컬러 영상은 8비트 밴드 3개(알파 밴드 별도)로 되어 있어야 합니다.</translation>
    </message>
    <message>
        <source>The labels {} hold the value {:g}: class values are whole numbers from 0 to 65534. Reclassify the raster, or ignore that value.</source>
        <translation>{} 라벨에 {:g} 값이 있습니다. 클래스 값은 0에서 65534 사이의 정수여야 합니다. 래스터를 재분류하거나 그 값을 무시할 클래스로 지정하십시오.</translation>
    </message>
    <message>
        <source>The layer {} comes from a service ({}), not from a file: save it as a GeoTIFF first (right-click the layer &gt; Export &gt; Save As).</source>
        <translation>{} 레이어는 파일이 아니라 서비스({})에서 불러온 것입니다. 먼저 GeoTIFF로 저장하십시오(레이어를 오른쪽 클릭 &gt; 내보내기 &gt; 다른 이름으로 저장…).</translation>
    </message>
    <message>
        <source>The loss is no longer a number: the training diverged. Try a learning rate ten times smaller than {:g}, or the precision fp32.</source>
        <translation>손실이 숫자가 아닌 값이 되어 학습이 발산했습니다. 학습률을 {:g}의 1/10로 낮추거나 계산 정밀도 fp32를 사용하십시오.</translation>
    </message>
    <message>
        <source>The loss {!r} cannot be used: {}. It must name a function in a module that Python finds (add its folder to PYTHONPATH).</source>
        <translation>{!r} 손실을 사용할 수 없습니다: {}. 파이썬이 찾을 수 있는 모듈의 함수를 지정해야 합니다(모듈이 있는 폴더를 PYTHONPATH에 추가하십시오).</translation>
    </message>
    <message>
        <source>The loss {!r} failed on {}: {}: {}</source>
        <translation>{!r} 손실을 계산하지 못했습니다(입력: {}). {}: {}</translation>
    </message>
    <message>
        <source>The loss {!r} has a part {!r} that is not one of {}; join parts with +, or give your own as module:function.</source>
        <translation>손실 {!r}: {!r} 부분은 없는 손실입니다. 사용할 수 있는 손실: {}. 여러 손실은 +로 연결하고, 직접 만든 손실은 module:function 형식으로 지정하십시오.</translation>
    </message>
    <message>
        <source>The loss {!r} must give all its parts a weight, or none.</source>
        <translation>{!r} 손실: 모든 부분에 가중치를 지정하거나, 어느 부분에도 지정하지 않아야 합니다.</translation>
    </message>
    <message>
        <source>The loss {!r} must return one number as a tensor, not {!r}.</source>
        <translation>{!r} 손실은 숫자 하나를 텐서로 반환해야 합니다(반환된 값: {!r}).</translation>
    </message>
    <message>
        <source>The mask {} has no class {}; it has: {}.</source>
        <translation>{} 마스크에 없는 클래스입니다: {}. 마스크의 클래스: {}.</translation>
    </message>
    <message>
        <source>The mask {} is also an input: choose another output folder.</source>
        <translation>마스크 파일이 입력 파일과 같습니다: {}. 다른 산출 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The masks are in a temporary folder, which is deleted when QGIS closes: copy {} to keep them.</source>
        <translation>마스크가 임시 폴더에 있으며, 이 폴더는 QGIS를 닫을 때 삭제됩니다. 보관하려면 {} 폴더를 복사하십시오.</translation>
    </message>
    <message>
        <source>The mean probability over flipped (flips: 4 views) or flipped and rotated copies of each tile (d4: 8 views). Often a little more accurate, and 4 or 8 times slower.</source>
        <translation>타일을 뒤집거나(flips: 4가지) 뒤집고 회전하여(d4: 8가지) 얻은 확률의 평균을 사용합니다. 대체로 조금 더 정확하지만, 4배 또는 8배 느려집니다.</translation>
    </message>
    <message>
        <source>The member {} of the ensemble file {} must have a model, which is a path, and may have a weight, which is a number.</source>
        <translation>구성 모델 {}: 앙상블 파일 {}의 구성 모델에는 경로를 적은 model이 있어야 하며, 숫자인 weight는 선택적입니다.</translation>
    </message>
    <message>
        <source>The merge {} holds a class that is ignored, {}: take it out of one of the two.</source>
        <translation>merge 항목 {}: 여기에 있는 {} 클래스가 무시할 클래스로도 지정되어 있습니다. 둘 중 한쪽에서 빼십시오.</translation>
    </message>
    <message>
        <source>The merge {} is not of the form class+class=name, such as 8+10=thin cloud.</source>
        <translation>merge 항목 {}: 클래스+클래스=이름 형식이 아닙니다(예: 8+10=thin cloud).</translation>
    </message>
    <message>
        <source>The merge {} makes a class that is ignored, {}: give it another name, or do not ignore that class.</source>
        <translation>merge 항목 {}: 병합한 결과인 {} 클래스가 무시할 클래스로 지정되어 있습니다. 결과에 다른 이름을 지정하거나 그 클래스를 무시하지 마십시오.</translation>
    </message>
    <message>
        <source>The merge {} makes the value {}, but classes have values from 0 to 65534.</source>
        <translation>merge 항목 {}: 병합한 클래스의 값이 {}입니다. 클래스 값은 0에서 65534 사이여야 합니다.</translation>
    </message>
    <message>
        <source>The merges {} contradict each other: the class {} is the result of one and part of another. Name all its parts in one merge.</source>
        <translation>merge의 항목이 서로 모순됩니다: {}. {} 클래스가 한 항목의 결과이면서 다른 항목에서 병합할 클래스입니다. 병합할 클래스를 모두 한 항목에 적으십시오.</translation>
    </message>
    <message>
        <source>The model file to write, .safetensors.</source>
        <translation>저장할 모델 파일(.safetensors)입니다.</translation>
    </message>
    <message>
        <source>The model file {} cannot be read ({}).</source>
        <translation>{} 모델 파일을 읽을 수 없습니다({}).</translation>
    </message>
    <message>
        <source>The model is a temporary file, which is deleted when QGIS closes: copy {} to keep it.</source>
        <translation>모델이 임시 파일에 있으며, 이 파일은 QGIS를 닫을 때 삭제됩니다. 보관하려면 {} 파일을 복사하십시오.</translation>
    </message>
    <message>
        <source>The model to start from is also the output, {}, which would be replaced: choose another name for the output.</source>
        <translation>기존 모델이 산출 파일과 같아 덮어쓰게 됩니다: {}. 산출 파일에 다른 이름을 선택하십시오.</translation>
    </message>
    <message>
        <source>The model to start from, {}, has the {} {}, not {}: leave the {} out, or train without start.</source>
        <translation>기존 모델({})의 {} 값은 {}인데, 지정한 값은 {}입니다. {} 옵션을 빼거나 start 옵션 없이 학습하십시오.</translation>
    </message>
    <message>
        <source>The model was trained without auxiliary rasters: those in the folder are not used.</source>
        <translation>모델이 보조 래스터 없이 학습되었으므로 폴더의 보조 래스터는 사용하지 않습니다.</translation>
    </message>
    <message>
        <source>The model {} is named twice: give each model once.</source>
        <translation>{} 모델이 두 번 지정되었습니다. 모델마다 한 번만 지정하십시오.</translation>
    </message>
    <message>
        <source>The model {} is {} with {} and the weights of {}; its classes are {}.</source>
        <translation>{} 모델을 저장했습니다. 신경망 구조: {}, {}, 가중치: {}, 클래스: {}.</translation>
    </message>
    <message>
        <source>The model {} was trained with {} auxiliary bands: scenes without them will fail, unless you tick Without the second stream.</source>
        <translation>{} 모델은 보조 밴드 {}개로 학습되었습니다. 보조 래스터가 없는 영상은 실패합니다. 그런 영상도 처리하려면 “두 번째 스트림 없이 실행”에 체크하십시오.</translation>
    </message>
    <message>
        <source>The network does not learn from blocks of the training area in which all classes but the first cover a smaller share (0 to 1) of the labelled pixels. This often causes false alarms. 0: it learns from all blocks.</source>
        <translation>첫 번째 클래스를 제외한 모든 클래스가 라벨이 있는 픽셀에서 차지하는 비율이 이 값(0에서 1 사이)보다 작은 학습 영역 블록은 학습에서 제외합니다. 이렇게 하면 오탐이 생기는 경우가 많습니다. 0: 모든 블록으로 학습합니다.</translation>
    </message>
    <message>
        <source>The network has {} per pixel, for {} classes, but class_names has {}: give {} as value=name, such as 0=background.</source>
        <translation>신경망은 픽셀당 {}를 내며 클래스는 {}개인데, class_names에는 {}가 있습니다. {}개를 value=name 형식으로 지정하십시오(예: 0=background).</translation>
    </message>
    <message>
        <source>The network in {} cannot be built: {}</source>
        <translation>{} 파일의 신경망을 만들 수 없습니다: {}</translation>
    </message>
    <message>
        <source>The network of {} gives probabilities that are not numbers (NaN) in {}: its values may be beyond what 16 bits hold. Choose the precision fp32; if that does not help, its weights are damaged.</source>
        <translation>{}: 신경망의 확률이 숫자가 아닙니다(NaN, 계산 정밀도 {}). 값이 16비트로 나타낼 수 있는 범위를 벗어났을 수 있습니다. 계산 정밀도 fp32를 선택하십시오. 그래도 해결되지 않으면 가중치가 손상된 것입니다.</translation>
    </message>
    <message>
        <source>The network of {} gives probabilities that are not numbers (NaN): its weights are damaged, or its training went wrong. Take another model file, or train the model again.</source>
        <translation>{}: 신경망의 확률이 숫자가 아닙니다(NaN). 가중치가 손상되었거나 학습이 잘못되었습니다. 다른 모델 파일을 사용하거나 모델을 다시 학습시키십시오.</translation>
    </message>
    <message>
        <source>The network {} cannot take tiles of {} px: {}. Choose another tile size or network.</source>
        <translation>{} 신경망은 {} px 타일을 처리할 수 없습니다: {}. 다른 타일 크기나 신경망 구조를 선택하십시오.</translation>
    </message>
    <message>
        <source>The network {} must name an architecture and an encoder, such as smp:Unet:resnet34.</source>
        <translation>{} 신경망: 신경망 구조와 인코더를 함께 지정해야 합니다(예: smp:Unet:resnet34).</translation>
    </message>
    <message>
        <source>The network {} sees the image only, not {} as well: leave the auxiliary rasters out, or choose a network of two streams.</source>
        <translation>{} 신경망은 영상만 사용하며 {}는 사용하지 않습니다. 보조 래스터를 빼거나 두 스트림을 사용하는 신경망을 선택하십시오.</translation>
    </message>
    <message>
        <source>The notes of the unfinished run do not say how its network was run: another version wrote them, or they are damaged. Delete them, the file OUTPUT.part.json beside the output, or choose another output.</source>
        <translation>끝나지 않은 실행의 기록에 신경망을 실행한 설정이 없습니다. 다른 버전에서 저장했거나 기록이 손상되었습니다. 산출 파일 옆의 기록 파일(OUTPUT.part.json)을 삭제하거나 다른 산출 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>The option output is missing: name the model file to write (.safetensors).</source>
        <translation>output 옵션이 없습니다. 저장할 모델 파일(.safetensors)을 지정하십시오.</translation>
    </message>
    <message>
        <source>The option {} is missing: export needs model and output.</source>
        <translation>옵션이 없습니다: {}. export 명령에는 model과 output을 지정해야 합니다.</translation>
    </message>
    <message>
        <source>The option {} is missing: predict-folder needs checkpoint, dataset and output.</source>
        <translation>옵션이 없습니다: {}. predict-folder 명령에는 checkpoint, dataset, output을 지정해야 합니다.</translation>
    </message>
    <message>
        <source>The option {} is missing: segment needs model, image and output.</source>
        <translation>옵션이 없습니다: {}. segment 명령에는 model, image, output을 지정해야 합니다.</translation>
    </message>
    <message>
        <source>The option {} is missing: segment-folder needs model, output_folder and scenes or images.</source>
        <translation>옵션이 없습니다: {}. segment-folder 명령에는 model, output_folder와 scenes 또는 images를 지정해야 합니다.</translation>
    </message>
    <message>
        <source>The output {} cannot be written: {}.</source>
        <translation>{} 산출 파일을 저장할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The output {} is a folder: give a file name inside it.</source>
        <translation>산출 파일이 폴더입니다: {}. 그 폴더 안의 파일 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The output {} is also an input: choose another folder or name.</source>
        <translation>산출 파일이 입력 파일과 같습니다: {}. 다른 폴더나 이름을 선택하십시오.</translation>
    </message>
    <message>
        <source>The output {} is also an input: choose another name.</source>
        <translation>산출 파일이 입력 파일과 같습니다: {}. 다른 이름을 선택하십시오.</translation>
    </message>
    <message>
        <source>The output {} is also the weights: choose another name.</source>
        <translation>산출 파일이 가중치 파일과 같습니다: {}. 다른 이름을 선택하십시오.</translation>
    </message>
    <message>
        <source>The output {} is an input too: give another name.</source>
        <translation>산출 파일이 입력 파일과 같습니다: {}. 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The output {} is being edited in another program ({} lies beside it): close it there, or give another name.</source>
        <translation>{} 산출 파일을 다른 프로그램에서 편집하고 있습니다(같은 폴더에 {} 파일이 있음). 그 프로그램에서 파일을 닫거나 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The output {} is {}, which no file may replace: give another name.</source>
        <translation>산출 파일의 경로 {}: {}이므로 파일로 대체할 수 없습니다. 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The output {} must end in {}.</source>
        <translation>산출 파일의 확장자가 맞지 않습니다: {}. 사용할 수 있는 확장자: {}.</translation>
    </message>
    <message>
        <source>The overlap must be from 0 to half of what a tile of the model spans, {} px of the image, not {}. Leave it out to have an eighth.</source>
        <translation>타일 중첩은 0 이상이어야 하고, 모델 타일 하나가 영상에서 차지하는 길이의 절반인 {} px 이하여야 합니다(지정한 값: {}). 지정하지 않으면 그 길이의 1/8을 사용합니다.</translation>
    </message>
    <message>
        <source>The package {}, which holds the weights of an encoder, is not installed: set the engine up again.</source>
        <translation>인코더의 가중치가 들어 있는 {} 패키지가 설치되어 있지 않습니다. “DualStream 환경 설치”를 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>The page (.html) about the training: learning curves, scores of each class and examples. Empty: beside the model, with its name.</source>
        <translation>학습에 관한 페이지(.html)입니다. 학습 곡선, 클래스별 점수, 예시가 나옵니다. 비워두면 모델 옆에 모델과 같은 이름으로 저장합니다.</translation>
    </message>
    <message>
        <source>The picture {} is also an input: choose another output folder.</source>
        <translation>그림 파일이 입력 파일과 같습니다: {}. 다른 산출 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The pixel value that was scaled to 1: 255 for 8-bit images.</source>
        <translation>1로 변환된 픽셀 값입니다. 8비트 영상에서는 255입니다.</translation>
    </message>
    <message>
        <source>The polygons are written as a GeoPackage: {} does not end in .gpkg.</source>
        <translation>{} 파일의 이름이 .gpkg로 끝나지 않습니다. 폴리곤은 GeoPackage로 저장되므로 .gpkg 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>The pretrained weights {!r} are neither {} nor a file that ends in {}: the encoder {} starts from one of these.</source>
        <translation>{!r}: 사전학습 가중치로 사용할 수 없습니다. {} 또는 파일(확장자: {})을 지정하십시오(인코더: {}).</translation>
    </message>
    <message>
        <source>The pretrained weights {!r} are neither {}, nor a file that ends in {}, nor a folder with {}: the encoder {} starts from one of these.</source>
        <translation>{!r}: 사전학습 가중치로 사용할 수 없습니다. {}, 파일(확장자: {}), 또는 {} 파일이 있는 폴더를 지정하십시오(인코더: {}).</translation>
    </message>
    <message>
        <source>The pretrained weights {!r} are not a folder, and a hub id needs its revision: write it as name@revision.</source>
        <translation>사전학습 가중치 {!r}: 이 이름의 폴더가 없으며, 허브 ID에는 리비전이 필요합니다. name@revision 형식으로 지정하십시오.</translation>
    </message>
    <message>
        <source>The pretrained weights {} are not those of a SegFormer encoder.</source>
        <translation>{} 사전학습 가중치는 SegFormer 인코더의 가중치가 아닙니다.</translation>
    </message>
    <message>
        <source>The pretrained weights {} are of {} (channels {}, depths {}), but the encoder is {} (channels {}, depths {}).</source>
        <translation>{} 사전학습 가중치가 인코더와 맞지 않습니다. 가중치: {}(채널 {}, 깊이 {}), 인코더: {}(채널 {}, 깊이 {}).</translation>
    </message>
    <message>
        <source>The raster to segment, with the bands that the model was trained on.</source>
        <translation>세그멘테이션할 래스터입니다. 모델 학습에 쓰인 밴드가 있어야 합니다.</translation>
    </message>
    <message>
        <source>The rasters of the second stream, in the order that the model was trained on, for all scenes whose row in the table names none. A model that was trained on one stream takes none.</source>
        <translation>두 번째 스트림의 래스터를 모델 학습 때와 같은 순서로 지정합니다. 테이블의 행에 보조 래스터가 적혀 있지 않은 모든 영상에 사용합니다. 스트림 하나로 학습한 모델에는 지정하지 않습니다.</translation>
    </message>
    <message>
        <source>The rasters of the second stream, in the order that the model was trained on. A model that was trained on one stream takes none.</source>
        <translation>두 번째 스트림의 래스터를 모델 학습 때와 같은 순서로 지정합니다. 스트림 하나로 학습한 모델에는 지정하지 않습니다.</translation>
    </message>
    <message>
        <source>The recipe begins with {}: write pairs of name and value, such as learning_rate=0.0005 loss=ce+dice, or the path of a JSON file.</source>
        <translation>레시피의 시작 부분이 유효하지 않습니다: {}. learning_rate=0.0005 loss=ce+dice와 같은 이름과 값의 쌍 또는 JSON 파일의 경로를 지정하십시오.</translation>
    </message>
    <message>
        <source>The recipe gives {} twice: give it once.</source>
        <translation>레시피에 {} 항목이 두 번 있습니다. 한 번만 지정하십시오.</translation>
    </message>
    <message>
        <source>The report {} cannot be written: {}.</source>
        <translation>{} 보고서를 저장할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The run lengths hold {!r}: they are pairs of whole numbers, start and length, or {} alone for a mask without a pixel.</source>
        <translation>RLE(런 길이)에 {!r} 값이 있습니다. RLE는 시작과 길이를 나타내는 정수의 쌍이어야 하며, 픽셀이 없는 마스크이면 {}만 적습니다.</translation>
    </message>
    <message>
        <source>The run lengths hold {}, the last {}: pairs of start and length need an even count; the text seems to be cut off.</source>
        <translation>RLE(런 길이)에 {}가 있고 마지막 숫자는 {}입니다. 시작과 길이의 쌍이므로 숫자의 개수가 짝수여야 합니다. 텍스트가 잘린 것 같습니다.</translation>
    </message>
    <message>
        <source>The run {} {} is impossible: {}.</source>
        <translation>RLE의 런(시작, 길이)이 유효하지 않습니다: {} {} ({}).</translation>
    </message>
    <message>
        <source>The scene {} failed. {}</source>
        <translation>{} 영상을 세그멘테이션하지 못했습니다. {}</translation>
    </message>
    <message>
        <source>The scene {} is left out. {}</source>
        <translation>{} 영상을 제외합니다. {}</translation>
    </message>
    <message>
        <source>The scenes table {} cannot be read ({}): is a quotation mark missing, or a cell longer than {} characters?</source>
        <translation>{} 영상 목록 테이블을 읽을 수 없습니다({}). 빠진 큰따옴표가 있는지, {}자보다 긴 셀이 있는지 확인하십시오.</translation>
    </message>
    <message>
        <source>The scenes table {} cannot be read: {}.</source>
        <translation>{} 영상 목록 테이블을 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The scenes table {} has no column {!r}; it needs {}, and may have auxiliary and {}.</source>
        <translation>{} 영상 목록 테이블에 {!r} 열이 없습니다. 필요한 열: {}. 선택적인 열: auxiliary, {}.</translation>
    </message>
    <message>
        <source>The scenes table {} has no row.</source>
        <translation>{} 영상 목록 테이블에 행이 없습니다.</translation>
    </message>
    <message>
        <source>The scenes table {} has the column {} twice.</source>
        <translation>{} 영상 목록 테이블에 {} 열이 두 번 있습니다.</translation>
    </message>
    <message>
        <source>The second stream: rasters of any coordinate system, resolution and number of bands. Their bands are stacked in this order.</source>
        <translation>두 번째 스트림입니다. 래스터의 좌표계, 해상도, 밴드 수는 무엇이든 됩니다. 밴드를 이 순서대로 쌓아 사용합니다.</translation>
    </message>
    <message>
        <source>The style {} cannot be read: {}.</source>
        <translation>{} 스타일 파일을 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The submission {} for {} took {} on {} ({}, {}); their pictures are in {}.</source>
        <translation>{1}의 제출 파일을 저장했습니다: {0}. 소요 시간 {2}, 장치 {3}, {4}, {5}. 그림은 {6} 폴더에 있습니다.</translation>
    </message>
    <message>
        <source>The table {} cannot be read: {}.</source>
        <translation>{} 테이블을 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The table {} has no row of the {} {!r}.</source>
        <translation>{} 테이블에 {} 값이 {!r}인 행이 없습니다.</translation>
    </message>
    <message>
        <source>The table {} has no row.</source>
        <translation>{} 테이블에 행이 없습니다.</translation>
    </message>
    <message>
        <source>The table {} has the {} {!r} twice, in lines {} and {}: every picture has one row.</source>
        <translation>{} 테이블에 {} 값이 {!r}인 행이 두 개 있습니다({}번째 행과 {}번째 행). 영상마다 행이 하나여야 합니다.</translation>
    </message>
    <message>
        <source>The tile size {} px is not a multiple of 32: {} px is.</source>
        <translation>타일 크기 {} px: 32의 배수가 아닙니다. 가까운 배수는 {} px입니다.</translation>
    </message>
    <message>
        <source>The training&apos;s processes do not see the same unfinished training of {}: its folder and the data must be the same files for all of them.</source>
        <translation>학습 프로세스들이 {} 모델의 끝나지 않은 학습을 서로 다르게 읽고 있습니다. 모든 프로세스가 같은 폴더와 같은 데이터 파일을 사용해야 합니다.</translation>
    </message>
    <message>
        <source>The weight of {} in {} is {}: it must be a number above 0, from {:g} to {:g}.</source>
        <translation>{} 모델의 가중치가 유효하지 않습니다(앙상블 파일 {}, 지정한 값: {}). 가중치는 0보다 큰 숫자로, {:g}에서 {:g} 사이여야 합니다.</translation>
    </message>
    <message>
        <source>The weight {!r} in the loss {!r} must be a number above 0.</source>
        <translation>가중치 {!r}: {!r} 손실의 가중치는 0보다 큰 숫자여야 합니다.</translation>
    </message>
    <message>
        <source>The weights do not say how pixels were normalised: give the normalisation imagenet, or mean and std of every band in shares of maximum.</source>
        <translation>가중치에는 픽셀 값을 정규화한 방식이 들어 있지 않습니다. imagenet 정규화를 지정하거나, 밴드마다 mean과 std를 maximum에 대한 비율로 지정하십시오.</translation>
    </message>
    <message>
        <source>The weights of the model file {} cannot be read ({}).</source>
        <translation>{} 모델 파일의 가중치를 읽을 수 없습니다({}).</translation>
    </message>
    <message>
        <source>The weights of {} have {:.1f} GiB, and one ONNX file holds 2 GiB at most: take a model with a smaller encoder.</source>
        <translation>{} 모델의 가중치는 {:.1f} GiB인데, ONNX 파일 하나에는 2 GiB까지만 저장할 수 있습니다. 더 작은 인코더를 사용하는 모델을 선택하십시오.</translation>
    </message>
    <message>
        <source>The weights {} are damaged: set the engine up again.</source>
        <translation>{} 가중치 파일이 손상되었습니다. “DualStream 환경 설치”를 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>The weights {} belong to one encoder: name it (encoder), such as mit-b1 or {}.</source>
        <translation>{} 가중치는 특정 인코더의 가중치입니다. 그 인코더를 encoder에 지정하십시오(예: mit-b1, {}).</translation>
    </message>
    <message>
        <source>The weights {} have a licence that binds the model as well: {}. For any other use choose a free encoder, such as {} or pvt_v2_b1.in1k.</source>
        <translation>{} 가중치의 라이선스는 모델에도 적용됩니다: {}. 다른 용도로 사용하려면 {} 또는 pvt_v2_b1.in1k 같은 자유롭게 쓸 수 있는 인코더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The weights {} in {} are stored as {}: a model file holds floating-point numbers ({}). Take the file that Train DualStream wrote.</source>
        <translation>{} 가중치({} 파일)가 {} 형식으로 저장되어 있습니다. 모델 파일에는 부동소수점 숫자({})를 저장해야 합니다. “DualStream 학습”이 저장한 파일을 사용하십시오.</translation>
    </message>
    <message>
        <source>The weights {} of the model to start from do not fit the network: choose the tile sizes of its training ({} and, for the auxiliary stream, {} px), or train without start.</source>
        <translation>기존 모델의 {} 가중치가 신경망과 맞지 않습니다. 기존 모델을 학습할 때의 타일 크기({} px, 보조 스트림은 {} px)를 선택하거나 start 옵션 없이 학습하십시오.</translation>
    </message>
    <message>
        <source>The window {} lies outside {}.</source>
        <translation>읽을 영역 {}: {} 파일 밖에 있습니다.</translation>
    </message>
    <message>
        <source>The {} of {} epochs of the earlier training are kept.</source>
        <translation>이전 학습에서 마친 에포크 {}개(전체 {}개)는 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>The {} stream has {}, but the network expects {}.</source>
        <translation>{} 스트림에 {}가 있지만, 신경망에는 {}개가 필요합니다.</translation>
    </message>
    <message>
        <source>There are auxiliary bands but no auxiliary raster: name one; it may be the image itself.</source>
        <translation>보조 밴드를 지정했지만 보조 래스터가 없습니다. 보조 래스터를 지정하십시오. 영상과 같은 래스터도 됩니다.</translation>
    </message>
    <message>
        <source>There are more processes than GPUs: this machine has {}. Start torchrun with --nproc-per-node {}, or choose the device cpu.</source>
        <translation>프로세스가 GPU보다 많습니다. 이 컴퓨터에는 GPU가 {}개 있습니다. torchrun을 --nproc-per-node {} 옵션으로 시작하거나 장치 cpu를 선택하십시오.</translation>
    </message>
    <message>
        <source>There is no Apple GPU here: use auto or cpu.</source>
        <translation>이 컴퓨터에 Apple GPU가 없습니다. auto 또는 cpu를 사용하십시오.</translation>
    </message>
    <message>
        <source>There is no GPU {}: this machine has {}, counted from 0.</source>
        <translation>{}번 GPU가 없습니다. 이 컴퓨터에는 GPU가 {}개 있으며, 번호는 0부터 셉니다.</translation>
    </message>
    <message>
        <source>There is no architecture {}; it is one of {}, or any of segmentation-models-pytorch as smp:Architecture:encoder.</source>
        <translation>{} 신경망 구조가 없습니다. 사용할 수 있는 신경망 구조: {}. segmentation-models-pytorch의 다른 신경망은 smp:Architecture:encoder 형식으로 지정합니다.</translation>
    </message>
    <message>
        <source>There is no encoder {!r}; it is one of {}.</source>
        <translation>{!r} 인코더가 없습니다. 사용할 수 있는 인코더: {}.</translation>
    </message>
    <message>
        <source>There is no file of weights {}: give one in {}.</source>
        <translation>가중치 파일이 없습니다: {}. 가중치 파일을 지정하십시오(확장자: {}).</translation>
    </message>
    <message>
        <source>There is no folder and no scenes table {}.</source>
        <translation>영상 폴더 또는 영상 목록 테이블이 없습니다: {}.</translation>
    </message>
    <message>
        <source>There is no model file {}.</source>
        <translation>모델 파일이 없습니다: {}.</translation>
    </message>
    <message>
        <source>There is no mosaic of {}: they lie so far apart that it would have {} x {} px, more than a raster can have.</source>
        <translation>{}의 모자이크를 만들지 못했습니다. 마스크가 서로 너무 멀리 떨어져 있어, 모자이크의 크기({} x {} px)가 래스터의 최대 크기를 넘습니다.</translation>
    </message>
    <message>
        <source>There is no mosaic to load: the masks are in {}.</source>
        <translation>불러올 모자이크가 없습니다. 마스크는 {} 폴더에 있습니다.</translation>
    </message>
    <message>
        <source>There is no mosaic. {}</source>
        <translation>모자이크를 만들지 못했습니다. {}</translation>
    </message>
    <message>
        <source>There is no network for the family {!r} of {}.</source>
        <translation>{!r} 계열의 신경망이 없습니다({}).</translation>
    </message>
    <message>
        <source>There is no raster to segment in {}: give a folder with test/rgb and test/ngr, one with rgb and ngr (such as val), one with test.csv (img_id, img_path) and test_img, or one that holds the rasters themselves.</source>
        <translation>{} 폴더에 세그멘테이션할 래스터가 없습니다. test/rgb와 test/ngr가 있는 폴더, rgb와 ngr가 있는 폴더(예: val), test.csv(img_id, img_path)와 test_img가 있는 폴더, 또는 래스터가 바로 들어 있는 폴더를 지정하십시오.</translation>
    </message>
    <message>
        <source>There is no usable GPU. {}</source>
        <translation>사용할 수 있는 GPU가 없습니다. {}</translation>
    </message>
    <message>
        <source>There is nothing to segment: give scenes (a scenes table, or a folder of rasters), or images.</source>
        <translation>세그멘테이션할 영상이 없습니다. scenes(영상 목록 테이블 또는 래스터 폴더) 또는 images를 지정하십시오.</translation>
    </message>
    <message>
        <source>There is nothing to train on: give an image with labels, or a dataset.</source>
        <translation>학습할 데이터가 없습니다. 영상과 라벨 또는 데이터셋을 지정하십시오.</translation>
    </message>
    <message>
        <source>This network was built without an auxiliary stream.</source>
        <translation>이 신경망에는 보조 스트림이 없습니다.</translation>
    </message>
    <message>
        <source>Threshold of two classes</source>
        <translation>임계값 (클래스가 두 개일 때)</translation>
    </message>
    <message>
        <source>Tile size in auxiliary pixels</source>
        <translation>보조 래스터의 타일 크기 (픽셀)</translation>
    </message>
    <message>
        <source>Tile size in pixels</source>
        <translation>타일 크기 (픽셀)</translation>
    </message>
    <message>
        <source>Tile size: {} px (the smallest image side is {} px).</source>
        <translation>타일 크기: {} px(가장 작은 영상의 변은 {} px).</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>타일 수</translation>
    </message>
    <message>
        <source>Tiles drawn for rare classes</source>
        <translation>드문 클래스를 위해 추출하는 타일</translation>
    </message>
    <message>
        <source>Tiles that show objects</source>
        <translation>객체가 있는 타일</translation>
    </message>
    <message>
        <source>Time in minutes</source>
        <translation>학습 시간 (분)</translation>
    </message>
    <message>
        <source>Tolerance of outlines in pixels</source>
        <translation>외곽선 허용 오차 (픽셀)</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>학습</translation>
    </message>
    <message>
        <source>Train DualStream</source>
        <translation>DualStream 학습</translation>
    </message>
    <message>
        <source>Train DualStream on a data set</source>
        <translation>데이터셋으로 DualStream 학습</translation>
    </message>
    <message>
        <source>Training stops after this many validations in which the validation loss has not fallen; 0: it never stops early. Automatic: 5 for the building networks, no early stop for all others.</source>
        <translation>검증 손실이 이 횟수만큼 검증하는 동안 줄지 않으면 학습을 끝냅니다. 0: 일찍 끝내지 않습니다. 자동: 건물용 신경망은 5, 그 밖에는 모두 조기 종료하지 않습니다.</translation>
    </message>
    <message>
        <source>Trains a segmentation network on a folder or table of many labelled scenes.</source>
        <translation>라벨이 있는 여러 영상의 폴더 또는 테이블로 세그멘테이션 신경망을 학습시킵니다.</translation>
    </message>
    <message>
        <source>Trains a segmentation network on your own rasters, fusing two streams.</source>
        <translation>두 스트림을 융합하는 세그멘테이션 신경망을 직접 준비한 래스터로 학습시킵니다.</translation>
    </message>
    <message>
        <source>Translating the network</source>
        <translation>신경망을 변환하는 중</translation>
    </message>
    <message>
        <source>Two outputs are the same file {}: give each its own.</source>
        <translation>산출물 두 개의 파일이 같습니다: {}. 산출물마다 다른 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>Unsaved edits of the layer {} may be missing: save them first.</source>
        <translation>{} 레이어에서 저장하지 않은 편집 내용이 빠질 수 있습니다. 먼저 저장하십시오.</translation>
    </message>
    <message>
        <source>Use the part of the map that is visible now</source>
        <translation>지금 맵에 보이는 부분 사용</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>검증</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>값</translation>
    </message>
    <message>
        <source>Values of the classes to outline, separated by commas. Empty: all but 0, the background.</source>
        <translation>폴리곤으로 만들 클래스의 값을 쉼표로 구분하여 입력합니다. 비워두면 배경(0)을 제외한 모든 클래스를 폴리곤으로 만듭니다.</translation>
    </message>
    <message>
        <source>Variable {}</source>
        <translation>환경 변수 {}</translation>
    </message>
    <message>
        <source>Warm-up epochs</source>
        <translation>웜업 에포크</translation>
    </message>
    <message>
        <source>Web pages</source>
        <translation>웹 페이지</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>가중치 감쇠</translation>
    </message>
    <message>
        <source>Weights of the encoder</source>
        <translation>인코더 가중치</translation>
    </message>
    <message>
        <source>Why no graphics card is used</source>
        <translation>그래픽 카드를 사용하지 않는 이유</translation>
    </message>
    <message>
        <source>With two classes, the lowest probability, 0 to 1, at which a pixel gets the second class. A lower threshold finds more of this class, with more false alarms. Automatic: the model&apos;s own threshold, with which its training found the second class best on the validation part (the networks pspnet-densenet161, unet-resnet50 and deeplabv3plus-mobilenetv3 have their authors&apos; 0.3 and 0.35 before calibration); for the mean of several models, the weighted mean of their thresholds.</source>
        <translation>클래스가 두 개일 때 픽셀을 두 번째 클래스로 분류하는 최소 확률(0에서 1 사이)입니다. 임계값을 낮추면 이 클래스를 더 많이 찾지만 오탐도 늘어납니다. 자동: 모델에 저장된 임계값을 사용합니다. 학습할 때 검증 영역에서 두 번째 클래스를 가장 잘 찾은 값입니다(pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3 신경망에서는 원저자가 정한 0.3과 0.35, 확률 보정 전 기준). 여러 모델을 평균할 때는 각 모델의 임계값을 가중 평균합니다.</translation>
    </message>
    <message>
        <source>With two classes, the lowest probability, 0 to 1, at which a pixel gets the second class. Automatic: 0.5, or the network&apos;s own.</source>
        <translation>클래스가 두 개일 때 픽셀을 두 번째 클래스로 분류하는 최소 확률(0에서 1 사이)입니다. 자동: 0.5, 또는 신경망에 정해진 값이 있으면 그 값입니다.</translation>
    </message>
    <message>
        <source>Without the second stream</source>
        <translation>두 번째 스트림 없이 실행</translation>
    </message>
    <message>
        <source>Writing the report</source>
        <translation>보고서를 저장하는 중</translation>
    </message>
    <message>
        <source>a list</source>
        <translation>목록</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>숫자</translation>
    </message>
    <message>
        <source>a number or null</source>
        <translation>숫자 또는 null</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>텍스트</translation>
    </message>
    <message>
        <source>a whole number from {} to {}</source>
        <translation>{}에서 {}까지의 정수</translation>
    </message>
    <message>
        <source>all</source>
        <translation>모두</translation>
    </message>
    <message>
        <source>an object</source>
        <translation>JSON 객체</translation>
    </message>
    <message>
        <source>auto: the graphics card if there is one. cuda:1: the second NVIDIA card.</source>
        <translation>auto: 그래픽 카드가 있으면 그래픽 카드를 사용합니다. cuda:1: 두 번째 NVIDIA 카드를 사용합니다.</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>자동</translation>
    </message>
    <message>
        <source>automatic: the build for this computer&apos;s graphics card, or the small one without. default: PyTorch&apos;s default build for this system. cpu: without support for graphics cards. cu126 to cu132: for NVIDIA cards, with CUDA 12.6 to 13.2. rocm: for AMD cards on Linux. xpu: for Intel cards.</source>
        <translation>automatic: 이 컴퓨터의 그래픽 카드에 맞는 빌드. 그래픽 카드가 없으면 크기가 작은 빌드. default: 이 시스템에 대한 PyTorch의 기본 빌드. cpu: 그래픽 카드를 지원하지 않는 빌드. cu126부터 cu132까지: NVIDIA 카드용(CUDA 12.6부터 13.2까지). rocm: Linux의 AMD 카드용. xpu: Intel 카드용.</translation>
    </message>
    <message>
        <source>automatic: the encoder&apos;s own ImageNet weights, or random ones with a warning if they cannot be fetched. imagenet: its own or nothing. none: random weights, which need many more labels. Or a file with the encoder&apos;s weights (.safetensors, .pth); for mit-b* a folder with a pretrained SegFormer, or the id of one on the Hugging Face hub with its revision. The weights of mit-b* are licensed for non-commercial use only.</source>
        <translation>automatic: 인코더의 ImageNet 가중치를 사용하며, 다운로드할 수 없으면 경고와 함께 무작위 가중치를 사용합니다. imagenet: 인코더의 ImageNet 가중치만 사용하며, 다운로드할 수 없으면 학습하지 않습니다. none: 무작위 가중치를 사용하며, 라벨이 훨씬 더 많이 필요합니다. 인코더의 가중치 파일(.safetensors, .pth)을 지정할 수도 있습니다. mit-b*에는 사전학습된 SegFormer가 있는 폴더, 또는 Hugging Face 허브에 있는 SegFormer의 ID와 리비전을 지정할 수 있습니다. mit-b*의 가중치는 라이선스에 따라 비상업적 용도로만 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>auxiliary tile size</source>
        <translation>보조 래스터의 타일 크기</translation>
    </message>
    <message>
        <source>background: they are known to be background (class 0). ignored: their class is unknown, and they are not compared.</source>
        <translation>background: 배경(클래스 0)으로 확인된 픽셀입니다. ignored: 클래스를 알 수 없는 픽셀이며, 비교하지 않습니다.</translation>
    </message>
    <message>
        <source>batch size</source>
        <translation>배치 크기</translation>
    </message>
    <message>
        <source>class_weights and logit_adjustment {:g} both favour rare classes: choose one, or set logit_adjustment to 0.</source>
        <translation>class_weights와 logit_adjustment {:g} 값은 둘 다 드문 클래스를 우대합니다. 하나만 사용하거나 logit_adjustment를 0으로 지정하십시오.</translation>
    </message>
    <message>
        <source>class_weights have no effect on the loss {}: they weight the pixels of {}. Choose a loss with one of these, such as ce+dice.</source>
        <translation>class_weights는 {} 손실에 적용되지 않습니다. 다음 손실에만 적용됩니다: {}. 이 가운데 하나가 들어 있는 손실을 선택하십시오(예: ce+dice).</translation>
    </message>
    <message>
        <source>class_weights names the class {} twice: give it once.</source>
        <translation>class_weights에 {} 클래스가 두 번 있습니다. 한 번만 지정하십시오.</translation>
    </message>
    <message>
        <source>class_weights names the class {}; the classes are {}.</source>
        <translation>class_weights에 지정한 {} 클래스가 없습니다. 데이터의 클래스: {}.</translation>
    </message>
    <message>
        <source>classes has {} of the two or more that a mask needs</source>
        <translation>classes에 클래스가 {}개 있는데 마스크에는 두 개 이상 필요합니다</translation>
    </message>
    <message>
        <source>combine in the ensemble file {} is {}; it must be {}.</source>
        <translation>{} 앙상블 파일의 combine 값이 유효하지 않습니다({}). 사용할 수 있는 값: {}.</translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,fusion,predict,inference,mask,AI</source>
        <translation>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,fusion,predict,inference,mask,AI,딥러닝,머신러닝,신경망,세그멘테이션,의미론적 분할,영상 분할,토지 피복,건물,융합,예측,추론,마스크</translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,fusion,train,AI</source>
        <translation>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,fusion,train,AI,딥러닝,머신러닝,신경망,세그멘테이션,의미론적 분할,영상 분할,토지 피복,건물,융합,학습</translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,predict,inference,batch,bulk,folder,mosaic,cluster,Ray,mask,AI</source>
        <translation>deep learning,machine learning,neural network,semantic segmentation,classification,land cover,predict,inference,batch,bulk,folder,mosaic,cluster,Ray,mask,AI,딥러닝,머신러닝,신경망,세그멘테이션,의미론적 분할,영상 분할,토지 피복,건물,예측,추론,배치,폴더,모자이크,클러스터,마스크</translation>
    </message>
    <message>
        <source>deep learning,machine learning,neural network,semantic segmentation,classification,predict,inference,batch,competition,submission,run-length encoding,RLE,AI</source>
        <translation>deep learning,machine learning,neural network,semantic segmentation,classification,predict,inference,batch,competition,submission,run-length encoding,RLE,AI,딥러닝,머신러닝,신경망,세그멘테이션,의미론적 분할,영상 분할,토지 피복,건물,예측,추론,대회,제출 파일,런 길이</translation>
    </message>
    <message>
        <source>default: {}</source>
        <translation>기본값: {}</translation>
    </message>
    <message>
        <source>doctor,check,diagnose,installation,environment,GPU,CUDA,driver,torch,problem,support</source>
        <translation>doctor,check,diagnose,installation,environment,GPU,CUDA,driver,torch,problem,support,진단,확인,설치,환경,그래픽 카드,드라이버,문제 해결,딥러닝</translation>
    </message>
    <message>
        <source>dualstream-dformer: an image and coarser rasters of any kind, such as air quality. cmx-b0 (small) to cmx-b5 (large): two images of equal resolution, such as RGB and near infrared. pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3: the building networks, for an image alone. Type any other network of segmentation-models-pytorch as smp:Architecture:encoder, such as smp:Unet:efficientnet-b4.</source>
        <translation>dualstream-dformer: 영상과, 그보다 해상도가 낮은 임의의 래스터(예: 대기질). cmx-b0(소형)부터 cmx-b5(대형)까지: 해상도가 같은 두 영상(예: RGB와 근적외선(NIR)). pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3: 영상만 사용하는 건물용 신경망. segmentation-models-pytorch의 다른 신경망은 smp:Architecture:encoder 형식으로 입력합니다(예: smp:Unet:efficientnet-b4).</translation>
    </message>
    <message>
        <source>encoder is {!r}, and {} has {!r}</source>
        <translation>encoder 값은 {!r}인데 {} 신경망의 인코더는 {!r}입니다</translation>
    </message>
    <message>
        <source>evaluate needs the options mask and labels.</source>
        <translation>evaluate 명령에는 mask와 labels를 지정해야 합니다.</translation>
    </message>
    <message>
        <source>evaluate,accuracy,validation,assessment,confusion matrix,error matrix,IoU,F1,precision,recall,boundary,area estimation,confidence interval,report</source>
        <translation>evaluate,accuracy,validation,assessment,confusion matrix,error matrix,IoU,F1,precision,recall,boundary,area estimation,confidence interval,report,평가,정확도,검증,혼동 행렬,오차 행렬,정밀도,재현율,면적 추정,신뢰구간,보고서,세그멘테이션,토지 피복</translation>
    </message>
    <message>
        <source>image has a band whose low, {:g}, is not below its high, {:g}</source>
        <translation>image에 low 값({:g})이 high 값({:g})보다 작지 않은 밴드가 있습니다</translation>
    </message>
    <message>
        <source>image has {} values of low and {} of high</source>
        <translation>image의 low 값은 {}개인데 high 값은 {}개입니다</translation>
    </message>
    <message>
        <source>install,dependencies,environment,python,torch,pytorch,CUDA,GPU,repair,update,offline</source>
        <translation>install,dependencies,environment,python,torch,pytorch,CUDA,GPU,repair,update,offline,설치,환경,패키지,파이썬,그래픽 카드,복구,업데이트,오프라인,딥러닝</translation>
    </message>
    <message>
        <source>it has no header</source>
        <translation>헤더가 없습니다</translation>
    </message>
    <message>
        <source>it has no {}</source>
        <translation>{} 항목이 없습니다</translation>
    </message>
    <message>
        <source>it has the key {} twice</source>
        <translation>같은 키가 두 번 있습니다({})</translation>
    </message>
    <message>
        <source>it holds a number of {} digits, which is too large</source>
        <translation>숫자가 너무 큽니다({}자리)</translation>
    </message>
    <message>
        <source>it holds the number {}, which is too large</source>
        <translation>숫자가 너무 큽니다({})</translation>
    </message>
    <message>
        <source>its header describes no tensors</source>
        <translation>헤더의 텐서 정보가 유효하지 않습니다</translation>
    </message>
    <message>
        <source>its header describes numbers of an unknown type</source>
        <translation>헤더에 알 수 없는 숫자 형식이 있습니다</translation>
    </message>
    <message>
        <source>its header describes tensors that do not fit their bytes</source>
        <translation>헤더에 있는 텐서의 크기가 바이트 수와 맞지 않습니다</translation>
    </message>
    <message>
        <source>its header describes weights that overlap or leave gaps</source>
        <translation>헤더에 있는 가중치의 위치가 겹치거나 사이에 빈 곳이 있습니다</translation>
    </message>
    <message>
        <source>logit_adjustment {:g} and the loss {} work against each other: ohem leaves a pixel alone before the adjustment is made up for. Choose ce instead of ohem.</source>
        <translation>logit_adjustment {:g} 값과 {} 손실은 서로 반대로 작용합니다. ohem은 조정의 효과가 나타나기 전에 픽셀을 학습에서 제외합니다. ohem 대신 ce를 선택하십시오.</translation>
    </message>
    <message>
        <source>logits is {}, which does not fit {} classes</source>
        <translation>logits 값 {}: 클래스 {}개와 맞지 않습니다</translation>
    </message>
    <message>
        <source>mean: the class with the largest mean probability. vote: the class that most models choose. automatic: the combination in the ensemble file, otherwise mean.</source>
        <translation>mean: 평균 확률이 가장 높은 클래스. vote: 가장 많은 모델이 선택한 클래스. automatic: 앙상블 파일에 지정된 방식. 지정되어 있지 않으면 mean.</translation>
    </message>
    <message>
        <source>merge names the value {}, but classes have values from 0 to 65534.</source>
        <translation>merge에 지정한 값이 유효하지 않습니다: {}. 클래스 값은 0에서 65534 사이여야 합니다.</translation>
    </message>
    <message>
        <source>model,card,metadata,classes,bands,accuracy,licence,provenance,describe</source>
        <translation>model,card,metadata,classes,bands,accuracy,licence,provenance,describe,모델,정보,메타데이터,클래스,밴드,정확도,라이선스,출처,딥러닝</translation>
    </message>
    <message>
        <source>no tiling of {} px by tiles of {} px with overlap {}</source>
        <translation>{} px을 크기 {} px, 중첩 {}의 타일로 나눌 수 없음</translation>
    </message>
    <message>
        <source>no weights could be fetched</source>
        <translation>가중치를 다운로드할 수 없음</translation>
    </message>
    <message>
        <source>none</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>none: they are not, so the scores hold for the labelled land. random: points, pixels or small polygons were drawn at random or on a regular grid. stratified: a number of them was drawn in each class of the mask. With random and stratified the report estimates areas and accuracies of the whole mask with 95 % confidence intervals; each labelled pixel is one sample, and pixels outside the labels are ignored.</source>
        <translation>none: 라벨이 표본이 아닙니다. 점수는 라벨이 있는 곳에만 해당합니다. random: 포인트, 픽셀 또는 작은 폴리곤을 무작위로 또는 규칙적인 그리드로 추출했습니다. stratified: 마스크의 클래스마다 정해진 수를 추출했습니다. random과 stratified에서는 보고서가 마스크 전체의 면적과 정확도를 95% 신뢰구간과 함께 추정합니다. 라벨이 있는 픽셀 하나가 표본 하나이며, 라벨 바깥의 픽셀은 무시합니다.</translation>
    </message>
    <message>
        <source>not a request of the worker protocol: {!r}</source>
        <translation>작업 프로세스 프로토콜의 요청이 아님: {!r}</translation>
    </message>
    <message>
        <source>not an event of the worker protocol: {!r}</source>
        <translation>작업 프로세스 프로토콜의 이벤트가 아님: {!r}</translation>
    </message>
    <message>
        <source>polygonize,vectorize,raster to vector,footprints,buildings,outline,right angles,regularize,simplify,mask,segmentation</source>
        <translation>polygonize,vectorize,raster to vector,footprints,buildings,outline,right angles,regularize,simplify,mask,segmentation,폴리곤화,벡터화,래스터를 벡터로,건물,외곽선,직각,직교화,단순화,마스크,세그멘테이션,딥러닝</translation>
    </message>
    <message>
        <source>polygons needs the options mask and output.</source>
        <translation>polygons 명령에는 mask와 output을 지정해야 합니다.</translation>
    </message>
    <message>
        <source>run it again with the same parameters to continue from there.</source>
        <translation>같은 설정으로 다시 실행하면 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>run it again without resume=false in the recipe to continue from there.</source>
        <translation>레시피에서 resume=false를 빼고 다시 실행하면 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>segmentation-models-pytorch cannot build {} with the encoder {}: {}. Choose another encoder.</source>
        <translation>segmentation-models-pytorch에서 {} 신경망을 {} 인코더로 만들 수 없습니다: {}. 다른 인코더를 선택하십시오.</translation>
    </message>
    <message>
        <source>segmentation-models-pytorch has no ImageNet weights for the encoder {}: choose another encoder, give a file that holds weights, or none to start from random ones.</source>
        <translation>segmentation-models-pytorch에 {} 인코더의 ImageNet 가중치가 없습니다. 다른 인코더를 선택하거나, 가중치 파일을 지정하거나, 무작위 가중치로 시작하려면 none을 지정하십시오.</translation>
    </message>
    <message>
        <source>segmentation-models-pytorch has no architecture {!r}; it has {}.</source>
        <translation>segmentation-models-pytorch에 {!r} 신경망 구조가 없습니다. 사용할 수 있는 신경망 구조: {}.</translation>
    </message>
    <message>
        <source>start names more than {} models, each started from the next</source>
        <translation>start에 이어진 기존 모델이 {}개보다 많습니다</translation>
    </message>
    <message>
        <source>the encoder&apos;s own weights, learnt on ImageNet</source>
        <translation>ImageNet으로 학습된 인코더의 가중치</translation>
    </message>
    <message>
        <source>threshold is {:g}, and must be between 0 and 1</source>
        <translation>threshold 값이 {:g}인데 0에서 1 사이여야 합니다</translation>
    </message>
    <message>
        <source>tile size</source>
        <translation>타일 크기</translation>
    </message>
    <message>
        <source>timm cannot build the encoder {} for segmentation: {}. Choose another encoder.</source>
        <translation>timm에서 {} 인코더를 세그멘테이션용으로 만들 수 없습니다: {}. 다른 인코더를 선택하십시오.</translation>
    </message>
    <message>
        <source>timm has no ImageNet weights for the encoder {}: choose another encoder, give a file that holds weights, or none to start from random ones.</source>
        <translation>timm에 {} 인코더의 ImageNet 가중치가 없습니다. 다른 인코더를 선택하거나, 가중치 파일을 지정하거나, 무작위 가중치로 시작하려면 none을 지정하십시오.</translation>
    </message>
    <message>
        <source>torchrun has started {} processes, and {} is done by one: start it without torchrun. Many scenes are mapped on many devices by segment-folder with --on ray.</source>
        <translation>torchrun이 프로세스 {}개를 시작했지만 {} 명령은 프로세스 하나로 실행합니다. torchrun 없이 시작하십시오. 여러 영상을 여러 장치에서 세그멘테이션하려면 segment-folder를 --on ray와 함께 사용하십시오.</translation>
    </message>
    <message>
        <source>what is best for the network</source>
        <translation>신경망에 가장 알맞은 설정</translation>
    </message>
    <message>
        <source>{} (default)</source>
        <translation>{} (기본값)</translation>
    </message>
    <message>
        <source>{} ({} x {} px) and the image ({} x {} px) differ in shape; without coordinates they must show the same extent.</source>
        <translation>{} 파일({} x {} px)과 영상({} x {} px)의 가로세로 비율이 다릅니다. 좌표가 없으면 두 래스터의 범위가 같아야 합니다.</translation>
    </message>
    <message>
        <source>{} MB downloaded</source>
        <translation>{} MB 다운로드 완료</translation>
    </message>
    <message>
        <source>{} Run &quot;Set up DualStream&quot;, which repairs it.</source>
        <translation>{} “DualStream 환경 설치”를 실행하여 복구하십시오.</translation>
    </message>
    <message>
        <source>{} The image is {}.</source>
        <translation>{} 영상: {}.</translation>
    </message>
    <message>
        <source>{} after {} of {} scenes: run it again with the same parameters to continue.</source>
        <translation>{0}. 영상 {2}개 중 {1}개를 마쳤습니다. 같은 설정으로 다시 실행하면 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>{} after {} of {} scenes: until QGIS closes, the masks are in {}.</source>
        <translation>{0}. 영상 {2}개 중 {1}개를 마쳤습니다. QGIS를 닫을 때까지 마스크는 {3} 폴더에 있습니다.</translation>
    </message>
    <message>
        <source>{} and {}</source>
        <translation>{}와 {}</translation>
    </message>
    <message>
        <source>{} and {} cannot be compared: a submission is a table (.csv), and so must be its truth, such as train.csv or another submission.</source>
        <translation>{} 파일과 {} 파일을 비교할 수 없습니다. 제출 파일은 테이블(.csv)이며, 정답도 train.csv나 다른 제출 파일 같은 테이블이어야 합니다.</translation>
    </message>
    <message>
        <source>{} and {} more</source>
        <translation>{} 외 {}개</translation>
    </message>
    <message>
        <source>{} auxiliary band</source>
        <translation>보조 밴드 {}개</translation>
    </message>
    <message>
        <source>{} auxiliary bands</source>
        <translation>보조 밴드 {}개</translation>
    </message>
    <message>
        <source>{} band</source>
        <translation>밴드 {}개</translation>
    </message>
    <message>
        <source>{} bands</source>
        <translation>밴드 {}개</translation>
    </message>
    <message>
        <source>{} before the first scene was finished.</source>
        <translation>{}. 완료된 영상이 없습니다.</translation>
    </message>
    <message>
        <source>{} before the first scene was finished: run it again with the same parameters to continue.</source>
        <translation>{}. 완료된 영상이 없습니다. 같은 설정으로 다시 실행하면 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>{} cannot be described: {}.</source>
        <translation>{} 파일의 정보를 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>{} cannot be opened: {}.</source>
        <translation>{} 파일을 열 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>{} cannot be read: it is named as a source of itself.</source>
        <translation>{} 파일을 읽을 수 없습니다. 소스로 자기 자신이 지정되어 있습니다.</translation>
    </message>
    <message>
        <source>{} cannot be removed ({}): choose another output folder.</source>
        <translation>{} 파일을 삭제할 수 없습니다({}). 다른 산출 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>{} cannot be warped to the image&apos;s grid ({}).</source>
        <translation>{} 파일을 영상의 그리드에 맞추어 워프할 수 없습니다({}).</translation>
    </message>
    <message>
        <source>{} cannot run the network {} ({}): choose another runtime.</source>
        <translation>{}에서 {} 신경망을 실행할 수 없습니다({}). 다른 런타임을 선택하십시오.</translation>
    </message>
    <message>
        <source>{} class</source>
        <translation>클래스 {}개</translation>
    </message>
    <message>
        <source>{} classes</source>
        <translation>클래스 {}개</translation>
    </message>
    <message>
        <source>{} computes in fp32 here, not in {}: use the precision fp32, or the runtime torch.</source>
        <translation>이 컴퓨터에서 {} 라이브러리는 fp32로만 계산합니다(지정한 값: {}). 계산 정밀도 fp32를 지정하거나 런타임 torch를 사용하십시오.</translation>
    </message>
    <message>
        <source>{} computes on the processor here, not on {}: use the device cpu, or the runtime auto.</source>
        <translation>이 컴퓨터에서 {} 라이브러리는 CPU에서만 계산합니다(지정한 장치: {}). 장치 cpu를 지정하거나 런타임 auto를 사용하십시오.</translation>
    </message>
    <message>
        <source>{} core</source>
        <translation>코어 {}개</translation>
    </message>
    <message>
        <source>{} cores</source>
        <translation>코어 {}개</translation>
    </message>
    <message>
        <source>{} does not answer</source>
        <translation>{} 응답 없음</translation>
    </message>
    <message>
        <source>{} does not hold {} rows.</source>
        <translation>{} 파일의 행 수가 {}개가 아닙니다.</translation>
    </message>
    <message>
        <source>{} does not overlap the image: check the coordinate systems of both.</source>
        <translation>{} 파일이 영상과 겹치지 않습니다. 두 래스터의 좌표계를 확인하십시오.</translation>
    </message>
    <message>
        <source>{} does not overlap {}: check the coordinate systems of both.</source>
        <translation>{} 래스터가 {} 영상과 겹치지 않습니다. 두 래스터의 좌표계를 확인하십시오.</translation>
    </message>
    <message>
        <source>{} epoch</source>
        <translation>에포크 {}개</translation>
    </message>
    <message>
        <source>{} epochs</source>
        <translation>에포크 {}개</translation>
    </message>
    <message>
        <source>{} finished row</source>
        <translation>완료된 행 {}개</translation>
    </message>
    <message>
        <source>{} finished rows</source>
        <translation>완료된 행 {}개</translation>
    </message>
    <message>
        <source>{} has card format {}; this DualStream reads up to {}: update the plugin.</source>
        <translation>{} 파일의 모델 카드 형식은 {}인데, 이 DualStream은 {}까지 읽을 수 있습니다. 플러그인을 업데이트하십시오.</translation>
    </message>
    <message>
        <source>{} has ground control points only, so an extent has no exact place on it: rectify it first (Raster &gt; Projections &gt; Warp), or segment the whole image.</source>
        <translation>{} 파일에는 지상 기준점(GCP)만 있어 범위의 위치를 정확히 정할 수 없습니다. 먼저 파일을 보정하거나(래스터 &gt; 투영체 &gt; 워프(재투영)), 영상 전체를 세그멘테이션하십시오.</translation>
    </message>
    <message>
        <source>{} has ground control points only, so polygons have no exact place on it: rectify it first (Raster &gt; Projections &gt; Warp).</source>
        <translation>{} 파일에는 지상 기준점(GCP)만 있어 폴리곤의 위치를 정확히 정할 수 없습니다. 먼저 파일을 보정하십시오(래스터 &gt; 투영체 &gt; 워프(재투영)).</translation>
    </message>
    <message>
        <source>{} has no band with values: only an alpha band.</source>
        <translation>{} 파일에 값이 있는 밴드가 없습니다. 알파 밴드만 있습니다.</translation>
    </message>
    <message>
        <source>{} has no band {}: it has {}, counted from 1. Choose among those, or none to use all.</source>
        <translation>{} 파일에 {}번 밴드가 없습니다. 이 파일에는 {}가 있으며, 번호는 1부터 셉니다. 그중에서 선택하거나, 모두 사용하려면 비워두십시오.</translation>
    </message>
    <message>
        <source>{} has no coordinate system. The mask will have none either, and the ground resolution cannot be compared with that of the training.</source>
        <translation>{} 영상에 좌표계가 없습니다. 마스크에도 좌표계가 없으며, 지상 해상도를 학습에 쓰인 영상과 비교할 수 없습니다.</translation>
    </message>
    <message>
        <source>{} has the encoder {} by its name, not {}: leave the encoder out, or choose another network.</source>
        <translation>{} 신경망에는 {} 인코더가 정해져 있어 {} 인코더를 사용할 수 없습니다. encoder를 빼거나 다른 신경망을 선택하십시오.</translation>
    </message>
    <message>
        <source>{} has the shape {} instead of {}</source>
        <translation>{} 가중치의 형태: {}, 필요한 형태: {}</translation>
    </message>
    <message>
        <source>{} has {} bands: a confidence raster has one, in percent.</source>
        <translation>{} 파일에 밴드가 {}개 있습니다. 신뢰도 래스터는 확률(%)을 저장한 단일 밴드 래스터입니다. 같은 실행에서 만든 신뢰도 래스터를 지정하십시오.</translation>
    </message>
    <message>
        <source>{} has {} bands: a mask has one, the class of each pixel. Choose a mask, or take one band out first (Raster &gt; Conversion &gt; Translate).</source>
        <translation>{} 파일에 밴드가 {}개 있습니다. 마스크는 각 픽셀의 클래스를 저장한 단일 밴드 래스터입니다. 마스크를 선택하거나 먼저 밴드 하나를 추출하십시오(래스터 &gt; 변환 &gt; 변환 (포맷 변경)).</translation>
    </message>
    <message>
        <source>{} has {} values, and must have {}</source>
        <translation>{}의 값이 {}개입니다. 필요한 개수: {}</translation>
    </message>
    <message>
        <source>{} has {}, but this layout expects red, green and blue pictures in rgb/. Convert it to RGB (a paletted one with Raster &gt; Conversion &gt; PCT to RGB), or choose for all images which bands to use.</source>
        <translation>{} 파일에는 {}가 있지만, 이 구조의 rgb/ 폴더에는 빨강, 초록, 파랑 밴드로 된 영상이 있어야 합니다. 영상을 RGB로 변환하거나(팔레트 영상은 래스터 &gt; 변환 &gt; PCT를 RGB로), 모든 영상에서 사용할 밴드를 선택하십시오.</translation>
    </message>
    <message>
        <source>{} has {}, the training of {} had {}. {}</source>
        <translation>지상 해상도가 다릅니다. {} 영상: {}, {} 모델의 학습 데이터: {}. {}</translation>
    </message>
    <message>
        <source>{} has {}, {} {}: all images of one training need the same bands (an alpha band is not counted).</source>
        <translation>{} 파일에는 {}, {} 파일에는 밴드 {}개가 있습니다. 한 학습에 사용하는 영상에는 모두 같은 밴드가 있어야 합니다(알파 밴드 제외).</translation>
    </message>
    <message>
        <source>{} holds complex numbers ({}): compute amplitude or power first (Raster &gt; Raster Calculator) and use that.</source>
        <translation>{} 파일에 복소수({})가 들어 있습니다. 먼저 진폭이나 강도를 계산하여(래스터 &gt; 래스터 계산기) 그 래스터를 사용하십시오.</translation>
    </message>
    <message>
        <source>{} holds no raster to train on.</source>
        <translation>{} 폴더에 학습할 래스터가 없습니다.</translation>
    </message>
    <message>
        <source>{} holds no state dict: save the network&apos;s weights with torch.save(model.state_dict(), path).</source>
        <translation>{} 파일에 state dict가 없습니다. 신경망의 가중치를 torch.save(model.state_dict(), path)로 저장하십시오.</translation>
    </message>
    <message>
        <source>{} holds numbers with decimals ({}): a mask holds whole numbers, the class of each pixel. Choose a mask, or convert it first (Raster &gt; Conversion &gt; Translate, output data type Byte).</source>
        <translation>{} 파일의 값이 정수가 아닙니다({}). 마스크는 각 픽셀의 클래스를 정수로 저장한 래스터입니다. 마스크를 선택하거나 먼저 파일을 변환하십시오(래스터 &gt; 변환 &gt; 변환 (포맷 변경), 산출 데이터 유형 Byte).</translation>
    </message>
    <message>
        <source>{} holds several rasters and no band of its own: choose one of its layers.</source>
        <translation>{} 파일에는 래스터가 여러 개 들어 있으며, 파일 자체에는 밴드가 없습니다. 레이어 가운데 하나를 선택하십시오.</translation>
    </message>
    <message>
        <source>{} holds the value {:g} at row {}, column {} (counted from 0): class values are whole numbers from 0 to 65534. Reclassify the raster, or declare that value as nodata.</source>
        <translation>{0} 파일의 행 {2}, 열 {3}(0부터 셈)에 {1:g} 값이 있습니다. 클래스 값은 0에서 65534 사이의 정수여야 합니다. 래스터를 재분류하거나 그 값을 NODATA로 지정하십시오.</translation>
    </message>
    <message>
        <source>{} holds two rasters of one name, {} and {}: files of one scene find each other by the name without ending. Keep one of them there.</source>
        <translation>{} 폴더에 이름이 같은 래스터가 두 개 있습니다: {}, {}. 한 영상의 파일들은 확장자를 뺀 이름으로 서로를 찾습니다. 둘 중 하나만 남기십시오.</translation>
    </message>
    <message>
        <source>{} holds weights but no DualStream card: only files written by Train DualStream can be used.</source>
        <translation>{} 파일에 가중치는 있지만 DualStream 모델 카드가 없습니다. “DualStream 학습”이 저장한 파일만 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>{} image</source>
        <translation>영상 {}개</translation>
    </message>
    <message>
        <source>{} image band</source>
        <translation>영상 밴드 {}개</translation>
    </message>
    <message>
        <source>{} image bands</source>
        <translation>영상 밴드 {}개</translation>
    </message>
    <message>
        <source>{} images</source>
        <translation>영상 {}개</translation>
    </message>
    <message>
        <source>{} is a paletted raster: its values are colour numbers, not brightness. Convert it to RGB first (Raster &gt; Conversion &gt; PCT to RGB).</source>
        <translation>{} 파일은 팔레트 래스터입니다. 픽셀 값이 밝기가 아니라 색상 번호입니다. 먼저 RGB로 변환하십시오(래스터 &gt; 변환 &gt; PCT를 RGB로).</translation>
    </message>
    <message>
        <source>{} is incomplete in the cache</source>
        <translation>캐시에 있는 {} 파일이 완전하지 않음</translation>
    </message>
    <message>
        <source>{} is missing</source>
        <translation>{} 가중치 없음</translation>
    </message>
    <message>
        <source>{} is not a model file: model files end in .safetensors and come from &quot;Train DualStream&quot;; ensemble files, which list several models, end in .json.</source>
        <translation>모델 파일이 아닙니다: {}. 모델 파일은 “DualStream 학습”이 저장한 .safetensors 파일이고, 앙상블 파일은 모델 여러 개를 적은 .json 파일입니다.</translation>
    </message>
    <message>
        <source>{} is not installed: install the Python package {} into DualStream&apos;s environment, or use the runtime auto.</source>
        <translation>{} 라이브러리가 설치되어 있지 않습니다. DualStream 환경에 파이썬 패키지 {}을(를) 설치하거나 런타임 auto를 사용하십시오.</translation>
    </message>
    <message>
        <source>{} is stored as {}</source>
        <translation>{} 가중치가 {} 형식으로 저장되어 있음</translation>
    </message>
    <message>
        <source>{} is {}, for {} bands</source>
        <translation>{} 가중치의 형태: {}, 밴드 수: {}</translation>
    </message>
    <message>
        <source>{} is {}, for {} logits</source>
        <translation>{} 가중치의 형태: {}, 로짓 수: {}</translation>
    </message>
    <message>
        <source>{} is {}, not {}</source>
        <translation>{} 가중치의 형태: {}, 필요한 형태: {}</translation>
    </message>
    <message>
        <source>{} logits given to a loss of {}</source>
        <translation>로짓 {}개가 클래스 {}개의 손실에 입력되었습니다</translation>
    </message>
    <message>
        <source>{} mask</source>
        <translation>마스크 {}개</translation>
    </message>
    <message>
        <source>{} masks</source>
        <translation>마스크 {}개</translation>
    </message>
    <message>
        <source>{} must be at least {}, not {}.</source>
        <translation>{} 값은 {} 이상이어야 합니다(지정한 값: {}).</translation>
    </message>
    <message>
        <source>{} must be at most {}, not {}.</source>
        <translation>{} 값은 {} 이하여야 합니다(지정한 값: {}).</translation>
    </message>
    <message>
        <source>{} name</source>
        <translation>이름 {}개</translation>
    </message>
    <message>
        <source>{} names</source>
        <translation>이름 {}개</translation>
    </message>
    <message>
        <source>{} number</source>
        <translation>숫자 {}개</translation>
    </message>
    <message>
        <source>{} numbers</source>
        <translation>숫자 {}개</translation>
    </message>
    <message>
        <source>{} of {} scenes could not be segmented; {} lists the reasons. Repair these scenes and run it again with the same parameters: the other masks are kept.</source>
        <translation>영상 {1}개 중 {0}개를 세그멘테이션하지 못했습니다. 원인은 {2} 파일에 있습니다. 해당 영상의 문제를 해결한 뒤 같은 설정으로 다시 실행하십시오. 나머지 마스크는 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>{} output</source>
        <translation>출력 {}개</translation>
    </message>
    <message>
        <source>{} outputs</source>
        <translation>출력 {}개</translation>
    </message>
    <message>
        <source>{} polygon</source>
        <translation>폴리곤 {}개</translation>
    </message>
    <message>
        <source>{} polygons</source>
        <translation>폴리곤 {}개</translation>
    </message>
    <message>
        <source>{} process</source>
        <translation>프로세스 {}개</translation>
    </message>
    <message>
        <source>{} processes</source>
        <translation>프로세스 {}개</translation>
    </message>
    <message>
        <source>{} px</source>
        <translation>{} px</translation>
    </message>
    <message>
        <source>{} row</source>
        <translation>행 {}개</translation>
    </message>
    <message>
        <source>{} rows</source>
        <translation>행 {}개</translation>
    </message>
    <message>
        <source>{} sample</source>
        <translation>표본 {}개</translation>
    </message>
    <message>
        <source>{} samples</source>
        <translation>표본 {}개</translation>
    </message>
    <message>
        <source>{} scene</source>
        <translation>영상 {}개</translation>
    </message>
    <message>
        <source>{} scenes</source>
        <translation>영상 {}개</translation>
    </message>
    <message>
        <source>{} sees both streams in tiles of the same size: leave the auxiliary tile size at 0, or give the tile size, {}, not {}.</source>
        <translation>{} 신경망은 두 스트림을 같은 크기의 타일로 처리합니다. 보조 래스터의 타일 크기를 0으로 두거나 타일 크기인 {}(으)로 지정하십시오(지정한 값: {}).</translation>
    </message>
    <message>
        <source>{} sees the image alone: leave the auxiliary rasters and their bands out, or choose dualstream-dformer or a cmx network to fuse them.</source>
        <translation>{} 신경망은 영상만 사용합니다. 보조 래스터와 그 밴드를 빼거나, 둘을 융합하는 dualstream-dformer 또는 cmx 신경망을 선택하십시오.</translation>
    </message>
    <message>
        <source>{} sees the image alone: the auxiliary rasters of {} are left out. Choose dualstream-dformer or a cmx network to fuse them.</source>
        <translation>{} 신경망은 영상만 사용하므로 {}의 보조 래스터를 제외합니다. 둘을 융합하려면 dualstream-dformer 또는 cmx 신경망을 선택하십시오.</translation>
    </message>
    <message>
        <source>{} sees the image only, and auxiliary has bands</source>
        <translation>{} 신경망은 영상만 사용하는데 auxiliary에 밴드가 있습니다</translation>
    </message>
    <message>
        <source>{} step</source>
        <translation>{}스텝</translation>
    </message>
    <message>
        <source>{} steps</source>
        <translation>{}스텝</translation>
    </message>
    <message>
        <source>{} thread</source>
        <translation>스레드 {}개</translation>
    </message>
    <message>
        <source>{} threads</source>
        <translation>스레드 {}개</translation>
    </message>
    <message>
        <source>{} tile</source>
        <translation>타일 {}개</translation>
    </message>
    <message>
        <source>{} tiles</source>
        <translation>타일 {}개</translation>
    </message>
    <message>
        <source>{} training scene</source>
        <translation>학습용 영상 {}개</translation>
    </message>
    <message>
        <source>{} training scenes</source>
        <translation>학습용 영상 {}개</translation>
    </message>
    <message>
        <source>{} validation</source>
        <translation>검증 {}회</translation>
    </message>
    <message>
        <source>{} validation tile</source>
        <translation>검증 타일 {}개</translation>
    </message>
    <message>
        <source>{} validation tiles</source>
        <translation>검증 타일 {}개</translation>
    </message>
    <message>
        <source>{} validations</source>
        <translation>검증 {}회</translation>
    </message>
    <message>
        <source>{} value</source>
        <translation>값 {}개</translation>
    </message>
    <message>
        <source>{} values</source>
        <translation>값 {}개</translation>
    </message>
    <message>
        <source>{} with {}, {} and {}: {:.1f} million parameters, tile {} px. {}</source>
        <translation>{}(인코더 {}), {}, {}: 파라미터 {:.1f}백만 개, 타일 {} px. {}</translation>
    </message>
    <message>
        <source>{} wrong pixel</source>
        <translation>틀린 픽셀 {}개</translation>
    </message>
    <message>
        <source>{} wrong pixels</source>
        <translation>틀린 픽셀 {}개</translation>
    </message>
    <message>
        <source>{}: the folder {} holds no raster.</source>
        <translation>{}: {} 폴더에 래스터가 없습니다.</translation>
    </message>
    <message>
        <source>{}: there is no layer and no file {}.</source>
        <translation>{}: {}에 해당하는 레이어나 파일이 없습니다.</translation>
    </message>
    <message>
        <source>{}: {} cannot be opened as a raster; it may be damaged.</source>
        <translation>{}: {} 파일을 래스터로 열 수 없습니다. 손상된 파일일 수 있습니다.</translation>
    </message>
    <message>
        <source>{}: {} is not a list of band numbers separated by commas, such as 1,2,3.</source>
        <translation>{}: {} 값은 쉼표로 구분한 밴드 번호 목록이 아닙니다. 예: 1,2,3.</translation>
    </message>
    <message>
        <source>{}: {} is not a list of class values separated by commas, such as 1,2,3.</source>
        <translation>{}: {} 값은 쉼표로 구분한 클래스 값 목록이 아닙니다. 예: 1,2,3.</translation>
    </message>
    <message>
        <source>{}: {} is not a list of numbers separated by commas, such as 0.5,0.4,0.3.</source>
        <translation>{}: {} 값은 쉼표로 구분한 숫자 목록이 아닙니다. 예: 0.5,0.4,0.3.</translation>
    </message>
    <message>
        <source>, {} left</source>
        <translation>, {} 남음</translation>
    </message>
    <message>
        <source>0 to 65534</source>
        <translation>0에서 65534까지</translation>
    </message>
    <message>
        <source>1 worker with a GPU and {}</source>
        <translation>작업 프로세스 1개(GPU 1개, {})</translation>
    </message>
    <message>
        <source>1 worker with {}</source>
        <translation>작업 프로세스 1개({})</translation>
    </message>
    <message>
        <source>A library has stopped it.</source>
        <translation>라이브러리가 엔진을 중단했습니다.</translation>
    </message>
    <message>
        <source>A library is missing, most likely the Microsoft Visual C++ runtime: install it from aka.ms/vs/17/release/vc_redist.x64.exe</source>
        <translation>라이브러리가 없습니다. Microsoft Visual C++ 런타임일 가능성이 큽니다. 다음 주소에서 설치하십시오: aka.ms/vs/17/release/vc_redist.x64.exe</translation>
    </message>
    <message>
        <source>A mask {} lies there; it is not this run&apos;s result.</source>
        <translation>{} 마스크 파일이 이미 있지만, 이번 실행의 결과가 아닙니다.</translation>
    </message>
    <message>
        <source>A pixel is {} from a probability of {} on.</source>
        <translation>확률이 {1} 이상인 픽셀을 {0} 클래스로 분류합니다.</translation>
    </message>
    <message>
        <source>A stream that the network does not see has no value anywhere, as where its raster is missing; the network was never trained without the image.</source>
        <translation>사용하지 않는 스트림은 래스터가 없는 곳처럼 모든 곳에 값이 없습니다. 신경망은 영상 없이 학습한 적이 없습니다.</translation>
    </message>
    <message>
        <source>A worker has written {} where this machine does not see it: give folders that all machines have under the same absolute path.</source>
        <translation>작업 프로세스가 저장한 파일을 이 컴퓨터에서 찾을 수 없습니다: {}. 모든 컴퓨터에서 절대 경로가 같은 폴더를 지정하십시오.</translation>
    </message>
    <message>
        <source>About {} in all (until {}): {} a step, {} of {}, validation {} every {} epochs.</source>
        <translation>전체 약 {}({} 종료 예정): 스텝당 {}, {}, 에포크마다 {}, 검증 {}({}에포크마다).</translation>
    </message>
    <message>
        <source>About {} in all (until {}): {} a step, {} of {}, validation {}.</source>
        <translation>전체 약 {}({} 종료 예정): 스텝당 {}, {}, 에포크마다 {}, 검증 {}.</translation>
    </message>
    <message>
        <source>About {} on {}, until {} if it begins now.</source>
        <translation>학습 시간: 약 {}, 장치: {}. 지금 시작하면 {}에 끝납니다.</translation>
    </message>
    <message>
        <source>Accuracy of the pixels over their confidence</source>
        <translation>신뢰도별 픽셀 정확도</translation>
    </message>
    <message>
        <source>Accuracy of {}</source>
        <translation>{} 정확도</translation>
    </message>
    <message>
        <source>Address of the package index, if not the ordinary one</source>
        <translation>패키지 인덱스 주소 (기본 주소가 아닌 경우)</translation>
    </message>
    <message>
        <source>An object is an area of pixels of one class that share sides, such as the footprint of a building. It is found if it and an object of the mask share more than half of the area of both together.</source>
        <translation>객체는 변을 공유하는 같은 클래스 픽셀의 영역입니다(예: 건물 하나). 라벨의 객체와 마스크의 객체가 겹치는 면적이 둘을 합친 면적의 절반보다 크면 그 객체를 찾은 것으로 봅니다.</translation>
    </message>
    <message>
        <source>An option is wrong; the lines above say which. {} --help lists all.</source>
        <translation>잘못된 옵션이 있습니다. 어느 옵션인지는 위의 행에 나옵니다. {} --help로 모든 옵션을 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>Areas and accuracies by the sample</source>
        <translation>표본으로 추정한 면적과 정확도</translation>
    </message>
    <message>
        <source>Auxiliary</source>
        <translation>보조 래스터</translation>
    </message>
    <message>
        <source>Auxiliary rasters: {}.</source>
        <translation>보조 래스터: {}.</translation>
    </message>
    <message>
        <source>Auxiliary: {}.</source>
        <translation>보조 래스터: {}.</translation>
    </message>
    <message>
        <source>Band</source>
        <translation>밴드</translation>
    </message>
    <message>
        <source>Batches of {} do not fit into the memory of every device: give batch_size {} and accumulation {}.</source>
        <translation>크기가 {}인 배치가 들어가지 않는 장치가 있습니다. batch_size와 accumulation을 각각 {}, {} 값으로 지정하십시오.</translation>
    </message>
    <message>
        <source>Before the first epoch: validation loss {:.4f}, {}.</source>
        <translation>첫 에포크 전: 검증 손실 {:.4f}, {}.</translation>
    </message>
    <message>
        <source>By the sample, {} of the mapped land has the right class, give or take {:.1f} percentage points (95 % confidence).</source>
        <translation>표본에 따르면 마스크 전체 면적의 {}가 올바른 클래스입니다(오차 범위 ±{:.1f}%포인트, 신뢰수준 95%).</translation>
    </message>
    <message>
        <source>By the sample, {} of the mapped land has the right class.</source>
        <translation>표본에 따르면 마스크 전체 면적의 {}가 올바른 클래스입니다.</translation>
    </message>
    <message>
        <source>Calibrating the probabilities</source>
        <translation>확률을 보정하는 중</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>확률 보정</translation>
    </message>
    <message>
        <source>Cancelled: what was written is kept.</source>
        <translation>취소되었습니다. 저장된 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>모델 선택</translation>
    </message>
    <message>
        <source>Choose one model, or several for an ensemble</source>
        <translation>모델 선택 (여러 개를 선택하면 앙상블)</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Class weights: {}.</source>
        <translation>클래스 가중치: {}.</translation>
    </message>
    <message>
        <source>Classes in validation</source>
        <translation>검증의 클래스별 점수</translation>
    </message>
    <message>
        <source>Classes kept: {}.</source>
        <translation>유지되는 클래스: {}.</translation>
    </message>
    <message>
        <source>Classes left out, because no label shows them: {}.</source>
        <translation>라벨이 없어 제외되는 클래스: {}.</translation>
    </message>
    <message>
        <source>Classes without a labelled training pixel: {}. The model will not know them, and validation leaves their pixels out.</source>
        <translation>학습에 사용할 라벨 픽셀이 없는 클래스: {}. 모델은 이 클래스를 찾지 못하며, 검증에서도 이 클래스의 픽셀을 제외합니다.</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>비교하는 중</translation>
    </message>
    <message>
        <source>Comparison of streams</source>
        <translation>스트림 비교</translation>
    </message>
    <message>
        <source>Computed on</source>
        <translation>계산 장치</translation>
    </message>
    <message>
        <source>Computed on {}.</source>
        <translation>계산 장치: {}.</translation>
    </message>
    <message>
        <source>Confusion matrix: for each true class, the share mapped as each class</source>
        <translation>혼동 행렬: 실제 클래스별로 각 클래스로 분류된 비율</translation>
    </message>
    <message>
        <source>Confusion of classes</source>
        <translation>클래스 혼동</translation>
    </message>
    <message>
        <source>Coordinate system</source>
        <translation>좌표계</translation>
    </message>
    <message>
        <source>Counted in the sampled pixels alone, without weights.</source>
        <translation>표본 픽셀만 세었으며, 가중치는 적용하지 않았습니다.</translation>
    </message>
    <message>
        <source>DINOv3 License, Meta&apos;s own terms</source>
        <translation>DINOv3 License, Meta 자체 약관</translation>
    </message>
    <message>
        <source>Difference: nothing is labelled</source>
        <translation>차이: 라벨이 있는 픽셀 없음</translation>
    </message>
    <message>
        <source>Difference: {:.1%} wrong</source>
        <translation>차이: 틀린 픽셀 {:.1%}</translation>
    </message>
    <message>
        <source>Do not rely on the score of {} (IoU {}): validation has {} pixels of it (below {}).</source>
        <translation>{} 클래스의 점수(IoU {})는 믿을 만하지 않습니다. 검증 영역에 이 클래스의 픽셀이 {}개뿐입니다(권장: {}개 이상).</translation>
    </message>
    <message>
        <source>DualStream cannot use the Python of {}, {}.</source>
        <translation>DualStream에서 사용할 수 없는 파이썬입니다: {1} (출처: {0}).</translation>
    </message>
    <message>
        <source>DualStream sample data</source>
        <translation>DualStream 예제 데이터</translation>
    </message>
    <message>
        <source>DualStream&apos;s engine has a defect: {}.</source>
        <translation>DualStream 엔진에 결함이 있습니다: {}.</translation>
    </message>
    <message>
        <source>DualStream&apos;s engine has a defect: {}: {}. Please report it with the lines below.</source>
        <translation>DualStream 엔진에 결함이 있습니다: {}: {}. 아래 내용과 함께 보고하십시오.</translation>
    </message>
    <message>
        <source>DualStream&apos;s engine needs a Python of its own, which is not installed yet.</source>
        <translation>DualStream 엔진에는 전용 파이썬이 필요하지만, 아직 설치되지 않았습니다.</translation>
    </message>
    <message>
        <source>DualStream&apos;s engine was installed for another version of the plugin. Run &quot;Set up DualStream&quot; once to update it: only what has changed is downloaded.</source>
        <translation>DualStream 엔진이 플러그인의 다른 버전에 맞게 설치되어 있습니다. “DualStream 환경 설치”를 한 번 실행하여 업데이트하십시오. 바뀐 부분만 다운로드합니다.</translation>
    </message>
    <message>
        <source>DualStream&apos;s settings in Options &gt; Processing</source>
        <translation>옵션 &gt; 공간 처리의 DualStream 설정</translation>
    </message>
    <message>
        <source>Each band in turn is exchanged among the tiles. A long bar: the model relies on the band. A bar of about zero: it does not use it, or finds the same in another band.</source>
        <translation>밴드를 하나씩 차례로 타일 사이에서 뒤섞어 측정합니다. 막대가 길면 모델이 그 밴드에 의존합니다. 막대가 0에 가까우면 그 밴드를 사용하지 않거나 같은 정보를 다른 밴드에서 얻습니다.</translation>
    </message>
    <message>
        <source>Encoder&apos;s weights</source>
        <translation>인코더 가중치</translation>
    </message>
    <message>
        <source>Epoch {}</source>
        <translation>에포크 {}</translation>
    </message>
    <message>
        <source>Epoch {} of {}: loss {:.4f}</source>
        <translation>에포크 {}/{}: 손실 {:.4f}</translation>
    </message>
    <message>
        <source>Epoch {} of {}: loss {:.4f}, validation loss {:.4f}, {}.</source>
        <translation>에포크 {}/{}: 손실 {:.4f}, 검증 손실 {:.4f}, {}.</translation>
    </message>
    <message>
        <source>Error: {}</source>
        <translation>오류: {}</translation>
    </message>
    <message>
        <source>Failed: {}</source>
        <translation>실패한 영상: {}개</translation>
    </message>
    <message>
        <source>Finished before and kept: {} of {}.</source>
        <translation>{1} 중 {0}개는 이전에 완료되어 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Finished before and kept: {}.</source>
        <translation>이전에 완료되어 그대로 유지된 영상: {}개.</translation>
    </message>
    <message>
        <source>Folder for the sample data</source>
        <translation>예제 데이터 폴더</translation>
    </message>
    <message>
        <source>GDAL says: {}</source>
        <translation>GDAL 메시지: {}</translation>
    </message>
    <message>
        <source>Give the auxiliary rasters as well, or train without start.</source>
        <translation>보조 래스터도 지정하거나 start 옵션 없이 학습하십시오.</translation>
    </message>
    <message>
        <source>Give the same bands in the same order, or choose them by their numbers, or train without start.</source>
        <translation>같은 밴드를 같은 순서로 지정하거나, 밴드를 번호로 선택하거나, start 옵션 없이 학습하십시오.</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>도움말</translation>
    </message>
    <message>
        <source>How far probabilities can be trusted</source>
        <translation>확률의 신뢰성</translation>
    </message>
    <message>
        <source>How it was made</source>
        <translation>모델을 만든 과정</translation>
    </message>
    <message>
        <source>Image: {}</source>
        <translation>영상: {}</translation>
    </message>
    <message>
        <source>Image: {}.</source>
        <translation>영상: {}.</translation>
    </message>
    <message>
        <source>ImageNet weights of the encoder: {} ({}).</source>
        <translation>인코더의 ImageNet 가중치: {} ({}).</translation>
    </message>
    <message>
        <source>In the training they were bands {} of {}.</source>
        <translation>학습에는 밴드 {1}개 중 {0}번 밴드를 사용했습니다.</translation>
    </message>
    <message>
        <source>Interrupted.</source>
        <translation>중단되었습니다.</translation>
    </message>
    <message>
        <source>IoU if the network sees</source>
        <translation>신경망이 사용하는 스트림별 IoU</translation>
    </message>
    <message>
        <source>IoU is the area that mask and labels share, divided by the area of both together: 1 is perfect. The scores are those of the validation part of the training data; other scenes may differ.</source>
        <translation>IoU는 마스크와 라벨이 겹치는 면적을 둘을 합친 면적으로 나눈 값이며, 1이면 완전히 일치합니다. 점수는 학습 데이터의 검증 영역에서 계산한 것으로, 다른 영상에서는 다를 수 있습니다.</translation>
    </message>
    <message>
        <source>IoU: shared area of mask and labels, divided by the area of both together. Precision: how much of what is mapped as the class is it. Recall: how much of the class is found. F1: their harmonic mean. All from 0 to 1; a dash where the class does not occur.</source>
        <translation>IoU: 마스크와 라벨이 겹치는 면적을 둘을 합친 면적으로 나눈 값입니다. 정밀도: 이 클래스로 분류된 픽셀 가운데 실제로 이 클래스인 비율입니다. 재현율: 이 클래스의 픽셀 가운데 찾은 비율입니다. F1: 정밀도와 재현율의 조화 평균입니다. 모두 0에서 1 사이의 값이며, 클래스가 나타나지 않으면 –로 표시합니다.</translation>
    </message>
    <message>
        <source>It accessed memory that is not its own.</source>
        <translation>엔진이 허용되지 않은 메모리에 접근했습니다.</translation>
    </message>
    <message>
        <source>It did not answer within {} seconds.</source>
        <translation>{}초 안에 응답하지 않았습니다.</translation>
    </message>
    <message>
        <source>It does not exist.</source>
        <translation>파일이 없습니다.</translation>
    </message>
    <message>
        <source>It does not run as a Python ({}).</source>
        <translation>파이썬으로 실행되지 않습니다({}).</translation>
    </message>
    <message>
        <source>It has resnet50, densenet161, efficientnet-b4 and others, {} with those of timm, whose names begin with tu-.</source>
        <translation>resnet50, densenet161, efficientnet-b4 등이 있으며, tu-로 시작하는 timm의 인코더까지 모두 {}개입니다.</translation>
    </message>
    <message>
        <source>It has two inputs, image and auxiliary, and always needs both: give NaN where one is missing. The QGIS plugin Deepness takes models of one input only.</source>
        <translation>이 파일에는 image와 auxiliary 두 입력이 있으며, 항상 둘 다 필요합니다. 한쪽이 없는 곳에는 NaN을 넣으십시오. QGIS의 Deepness 플러그인에서는 입력이 하나인 모델만 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>It is Python {}, and the engine needs {} or later.</source>
        <translation>파이썬 버전이 {}입니다. 엔진에는 {} 이상이 필요합니다.</translation>
    </message>
    <message>
        <source>It is QGIS&apos;s own, which cannot run the engine.</source>
        <translation>QGIS의 파이썬으로는 엔진을 실행할 수 없습니다.</translation>
    </message>
    <message>
        <source>It is made of {} models ({}).</source>
        <translation>모델 {}개를 결합하여 만들었습니다({}).</translation>
    </message>
    <message>
        <source>It is mit-b0 to mit-b5, or a pyramid of timm by its name, such as tf_efficientnet_lite0, convnext_tiny or resnet50.</source>
        <translation>mit-b0부터 mit-b5까지, 또는 timm의 피라미드 인코더 이름을 지정하십시오(예: tf_efficientnet_lite0, convnext_tiny, resnet50).</translation>
    </message>
    <message>
        <source>It is segmented by the image alone, which is less accurate.</source>
        <translation>영상만으로 세그멘테이션하므로 정확도가 떨어집니다.</translation>
    </message>
    <message>
        <source>It lacks the Python below it, as after an upgrade of the system: run &quot;Set up DualStream&quot; once, which repairs this.</source>
        <translation>시스템 업그레이드 등으로 기반 파이썬이 없어졌습니다. “DualStream 환경 설치”를 한 번 실행하여 복구하십시오.</translation>
    </message>
    <message>
        <source>It lacks the packages {}.</source>
        <translation>다음 패키지가 없습니다: {}.</translation>
    </message>
    <message>
        <source>It was trained at {}; an image of another ground resolution is resampled for the model.</source>
        <translation>{} 해상도의 영상으로 학습했습니다. 지상 해상도가 다른 영상은 모델에 맞게 리샘플링합니다.</translation>
    </message>
    <message>
        <source>Its last output: {}</source>
        <translation>마지막 출력: {}</translation>
    </message>
    <message>
        <source>Label more of {}: {} pixels for training are few (below {}). Several places help more than one large one.</source>
        <translation>{} 클래스의 라벨을 더 만드십시오. 학습용 픽셀이 {}개로 적습니다(권장: {}개 이상). 넓은 한 곳보다 여러 곳에 만드는 것이 더 도움이 됩니다.</translation>
    </message>
    <message>
        <source>Labelled pixels</source>
        <translation>라벨이 있는 픽셀</translation>
    </message>
    <message>
        <source>Labelled pixels for training + validation: {}.</source>
        <translation>라벨이 있는 픽셀(학습 + 검증): {}.</translation>
    </message>
    <message>
        <source>Labels: {}</source>
        <translation>라벨: {}</translation>
    </message>
    <message>
        <source>Learning curves</source>
        <translation>학습 곡선</translation>
    </message>
    <message>
        <source>Learning from {}.</source>
        <translation>학습: {}.</translation>
    </message>
    <message>
        <source>Learning in {} processes x batch {} = {} tiles a step.</source>
        <translation>학습: 프로세스 {}개 x 배치 크기 {} = 스텝당 타일 {}개.</translation>
    </message>
    <message>
        <source>Learning in {} processes x batch {} x {} accumulated = {} tiles a step.</source>
        <translation>학습: 프로세스 {}개 x 배치 크기 {} x 누적 {} = 스텝당 타일 {}개.</translation>
    </message>
    <message>
        <source>Leave the auxiliary rasters out, or train without start.</source>
        <translation>보조 래스터를 빼거나 start 옵션 없이 학습하십시오.</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>학습 길이</translation>
    </message>
    <message>
        <source>Line {} of {} must name one image and one labels file.</source>
        <translation>{1} 테이블의 {0}번째 행에는 영상 하나와 라벨 파일 하나가 있어야 합니다.</translation>
    </message>
    <message>
        <source>Line {} of {} must name one image.</source>
        <translation>{1} 테이블의 {0}번째 행에는 영상 하나가 있어야 합니다.</translation>
    </message>
    <message>
        <source>Line {} of {}, {} {!r}</source>
        <translation>{1} 테이블의 {0}번째 행, {2} {3!r}</translation>
    </message>
    <message>
        <source>Listing the scenes of the table</source>
        <translation>영상 목록을 만드는 중</translation>
    </message>
    <message>
        <source>Looking for finished masks</source>
        <translation>완료된 마스크를 찾는 중</translation>
    </message>
    <message>
        <source>Loss of training and validation, and mIoU, over the epochs</source>
        <translation>에포크별 학습 손실, 검증 손실, mIoU</translation>
    </message>
    <message>
        <source>Make sample data</source>
        <translation>예제 데이터 만들기</translation>
    </message>
    <message>
        <source>Making the scene {}</source>
        <translation>{} 영상을 만드는 중</translation>
    </message>
    <message>
        <source>Map of the training and validation blocks of each scene</source>
        <translation>영상별 학습 블록과 검증 블록의 지도</translation>
    </message>
    <message>
        <source>Mask, labels and differences from row {}, column {}: {}</source>
        <translation>마스크, 라벨, 차이 (행 {}, 열 {}부터): {}</translation>
    </message>
    <message>
        <source>Mask: {}</source>
        <translation>마스크: {}</translation>
    </message>
    <message>
        <source>Mean Dice {:.4f} over {}.</source>
        <translation>{1}의 평균 Dice는 {0:.4f}입니다.</translation>
    </message>
    <message>
        <source>Mean Dice {:.4f} over {}; {} without a mask in either are left out.</source>
        <translation>{1}의 평균 Dice는 {0:.4f}입니다. 두 테이블 모두 마스크가 비어 있는 영상 {2}개는 제외했습니다.</translation>
    </message>
    <message>
        <source>Measured on {} of {}.</source>
        <translation>{1} 중 {0}개에서 측정했습니다.</translation>
    </message>
    <message>
        <source>Measuring what streams and bands contribute</source>
        <translation>스트림과 밴드의 기여도를 측정하는 중</translation>
    </message>
    <message>
        <source>Model: {}</source>
        <translation>모델: {}</translation>
    </message>
    <message>
        <source>Most pixels in a wrong class:</source>
        <translation>잘못 분류된 픽셀이 가장 많은 경우:</translation>
    </message>
    <message>
        <source>NVIDIA Source Code License for SegFormer: research and evaluation, not commercial use</source>
        <translation>NVIDIA Source Code License for SegFormer: 연구 및 평가용, 상업적 이용 불가</translation>
    </message>
    <message>
        <source>Neighbouring pixels are alike, so whole blocks or scenes are kept for validation, never single pixels.</source>
        <translation>이웃한 픽셀은 서로 비슷하므로, 픽셀을 하나씩 고르지 않고 블록이나 영상을 통째로 검증용으로 떼어 둡니다.</translation>
    </message>
    <message>
        <source>New classes: {}.</source>
        <translation>새 클래스: {}.</translation>
    </message>
    <message>
        <source>No NVIDIA driver was found (nvidia-smi does not answer): there is no GPU, or no driver.</source>
        <translation>NVIDIA 드라이버를 찾을 수 없습니다(nvidia-smi가 응답하지 않음). GPU가 없거나 드라이버가 설치되지 않았습니다.</translation>
    </message>
    <message>
        <source>No Ray cluster answers at {}: check the address, and that the cluster is running (ray status on one of its machines) and lets this machine in. With on = ray one is started here for the run.</source>
        <translation>{} 주소의 Ray 클러스터가 응답하지 않습니다. 주소가 맞는지, 클러스터가 실행 중인지(클러스터의 컴퓨터에서 ray status로 확인), 이 컴퓨터의 접속을 허용하는지 확인하십시오. on = ray로 지정하면 이 컴퓨터에서 실행할 Ray를 새로 시작합니다.</translation>
    </message>
    <message>
        <source>No auxiliary rasters.</source>
        <translation>보조 래스터 없음.</translation>
    </message>
    <message>
        <source>No polygon was found: {} has no area of {:g} {}2 or more of {}. The layer {} is empty.</source>
        <translation>폴리곤을 하나도 만들지 못했습니다. {} 마스크에 면적이 {:g} {}² 이상인 영역이 없습니다(클래스: {}). {} 레이어는 비어 있습니다.</translation>
    </message>
    <message>
        <source>No polygon was found: {} has no area of {}. The layer {} is empty.</source>
        <translation>폴리곤을 하나도 만들지 못했습니다. {} 마스크에 해당 영역이 없습니다(클래스: {}). {} 레이어는 비어 있습니다.</translation>
    </message>
    <message>
        <source>No worker of the pool could start ({}). The Python of the cluster&apos;s machines needs the packages of engine/requirements.txt.</source>
        <translation>작업 풀의 작업 프로세스를 하나도 시작할 수 없습니다({}). 클러스터 컴퓨터의 파이썬에는 engine/requirements.txt의 패키지가 있어야 합니다.</translation>
    </message>
    <message>
        <source>Not in {} and so not scored: {} of {} ({}).</source>
        <translation>{2} 제출 파일의 {1}는 {0} 테이블에 없어 점수를 계산하지 않습니다({3}).</translation>
    </message>
    <message>
        <source>Nothing stands out in these numbers: compare the worst tiles with their labels.</source>
        <translation>이 수치에서는 눈에 띄는 문제가 없습니다. 결과가 가장 나쁜 타일을 라벨과 비교하십시오.</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>객체</translation>
    </message>
    <message>
        <source>Of the pixels with a confidence of 80 %, 80 % should be right: the dotted line. Larger points stand for more pixels. Mean distance from the line: {} before calibration, {} after it (temperature {}).</source>
        <translation>신뢰도가 80%인 픽셀은 80%가 맞아야 하며, 이를 점선으로 나타냅니다. 점이 클수록 픽셀이 많습니다. 점선과의 평균 거리: 보정 전 {}, 보정 후 {}(온도 {}).</translation>
    </message>
    <message>
        <source>Olofsson et al. (2014), Good practices for estimating area and assessing accuracy of land change, equations 1 to 11; strata are the mapped classes, and each labelled pixel is one sample.</source>
        <translation>Olofsson et al. (2014), Good practices for estimating area and assessing accuracy of land change, 식 1에서 11까지를 사용했습니다. 층은 마스크의 클래스이며, 라벨이 있는 픽셀 하나가 표본 하나입니다.</translation>
    </message>
    <message>
        <source>On Windows torch starts no processes that train together.</source>
        <translation>Windows에서는 PyTorch로 여러 프로세스를 함께 학습시킬 수 없습니다.</translation>
    </message>
    <message>
        <source>One of the training&apos;s processes stopped before it had finished (exit code {}).</source>
        <translation>학습 프로세스 가운데 하나가 끝나기 전에 중단되었습니다(종료 코드 {}).</translation>
    </message>
    <message>
        <source>One pass over the area has {} tiles: each epoch is another part of it.</source>
        <translation>영역 전체는 타일 {}개이며, 에포크마다 그중 다른 부분을 학습합니다.</translation>
    </message>
    <message>
        <source>Only labelled blocks are drawn, of the first {} divided scenes.</source>
        <translation>블록으로 나눈 영상 가운데 처음 {}개에서 라벨이 있는 블록만 표시합니다.</translation>
    </message>
    <message>
        <source>Only labelled blocks are drawn.</source>
        <translation>라벨이 있는 블록만 표시합니다.</translation>
    </message>
    <message>
        <source>Options that differ from the defaults, and what automatic chose</source>
        <translation>기본값과 다른 옵션과 자동으로 선택된 값</translation>
    </message>
    <message>
        <source>Options that you set</source>
        <translation>직접 지정한 옵션</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>출처</translation>
    </message>
    <message>
        <source>Outlines</source>
        <translation>외곽선</translation>
    </message>
    <message>
        <source>Outlining</source>
        <translation>외곽선을 추출하는 중</translation>
    </message>
    <message>
        <source>Overview of wrong pixels</source>
        <translation>틀린 픽셀의 분포</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>경로</translation>
    </message>
    <message>
        <source>Percent of each labelled class that is mapped as each class: blue is right, orange is wrong.</source>
        <translation>라벨의 클래스마다 각 클래스로 분류된 비율(%)입니다. 파란색: 맞음, 주황색: 틀림.</translation>
    </message>
    <message>
        <source>Picture: {}.</source>
        <translation>그림: {}.</translation>
    </message>
    <message>
        <source>Pictures: {} to {}.</source>
        <translation>그림: {}부터 {}까지.</translation>
    </message>
    <message>
        <source>Pixels to train</source>
        <translation>학습 픽셀 수</translation>
    </message>
    <message>
        <source>Pixels to validate</source>
        <translation>검증 픽셀 수</translation>
    </message>
    <message>
        <source>Precision of the class</source>
        <translation>정밀도</translation>
    </message>
    <message>
        <source>Prediction</source>
        <translation>예측</translation>
    </message>
    <message>
        <source>Preparing the scenes for the pool</source>
        <translation>작업 풀에서 처리할 영상을 준비하는 중</translation>
    </message>
    <message>
        <source>Probabilities calibrated: on average they were wrong by {}, now by {}, on the pixels that calibrated them.</source>
        <translation>확률을 보정했습니다. 평균 오차: 보정 전 {}, 보정 후 {}(보정에 사용한 픽셀 기준).</translation>
    </message>
    <message>
        <source>Probabilities calibrated: on average they were wrong by {}, now by {}.</source>
        <translation>확률을 보정했습니다. 평균 오차: 보정 전 {}, 보정 후 {}.</translation>
    </message>
    <message>
        <source>Probabilities not calibrated: {} (on average wrong by {}).</source>
        <translation>확률을 보정하지 않았습니다: {}(평균 오차 {}).</translation>
    </message>
    <message>
        <source>Probabilities: {}.</source>
        <translation>확률: {}.</translation>
    </message>
    <message>
        <source>Python with DualStream&apos;s engine</source>
        <translation>DualStream 엔진이 있는 파이썬</translation>
    </message>
    <message>
        <source>QGIS&apos;s Python lacks the package {}, which makes the sample data.</source>
        <translation>QGIS의 파이썬에 예제 데이터를 만드는 데 필요한 {} 패키지가 없습니다.</translation>
    </message>
    <message>
        <source>Rasters of any coordinate system and resolution.</source>
        <translation>래스터의 좌표계와 해상도는 무엇이든 됩니다.</translation>
    </message>
    <message>
        <source>Ray for Windows is unfinished, and no run with it was ever tried: leave the option on empty, which segments the scenes on this computer without Ray, or start the run on Linux or macOS.</source>
        <translation>Windows용 Ray는 미완성이며, Windows에서 Ray로 실행하는 것은 시험한 적이 없습니다. on 옵션을 비워두어 Ray 없이 이 컴퓨터에서 영상을 세그멘테이션하거나, Linux 또는 macOS에서 실행하십시오.</translation>
    </message>
    <message>
        <source>Reading the models</source>
        <translation>모델을 읽는 중</translation>
    </message>
    <message>
        <source>Reading the models and the folder</source>
        <translation>모델과 폴더를 읽는 중</translation>
    </message>
    <message>
        <source>Reading the scenes table</source>
        <translation>영상 목록 테이블을 읽는 중</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>재현율</translation>
    </message>
    <message>
        <source>Runtime: {}.</source>
        <translation>런타임: {}.</translation>
    </message>
    <message>
        <source>Sample tiles, the worst first</source>
        <translation>예시 타일 (결과가 나쁜 순)</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>Scenes: {}</source>
        <translation>영상: {}개</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>점수</translation>
    </message>
    <message>
        <source>Second stream: none</source>
        <translation>두 번째 스트림: 없음</translation>
    </message>
    <message>
        <source>Second stream: {}</source>
        <translation>두 번째 스트림: {}</translation>
    </message>
    <message>
        <source>Segmented scenes</source>
        <translation>세그멘테이션한 영상</translation>
    </message>
    <message>
        <source>Segmented {} of {} in {}.</source>
        <translation>{1} 중 {0}개를 세그멘테이션했습니다. 소요 시간 {2}.</translation>
    </message>
    <message>
        <source>Shares of the classes</source>
        <translation>클래스별 비율</translation>
    </message>
    <message>
        <source>Shares of the outlines of mask and labels that lie within {} px ({} m) of each other.</source>
        <translation>마스크와 라벨의 외곽선 가운데 서로 {} px({} m) 이내에 있는 부분의 비율입니다.</translation>
    </message>
    <message>
        <source>Shares of the outlines of mask and labels that lie within {} px of each other.</source>
        <translation>마스크와 라벨의 외곽선 가운데 서로 {} px 이내에 있는 부분의 비율입니다.</translation>
    </message>
    <message>
        <source>Started from</source>
        <translation>기존 모델</translation>
    </message>
    <message>
        <source>Started from {}</source>
        <translation>기존 모델에서 시작: {}</translation>
    </message>
    <message>
        <source>Starter model</source>
        <translation>시작 모델</translation>
    </message>
    <message>
        <source>Starting from {}: all weights are taken.</source>
        <translation>기존 모델에서 시작하며 모든 가중치를 가져옵니다: {}.</translation>
    </message>
    <message>
        <source>Take the starter model for the sample data</source>
        <translation>예제 데이터용 시작 모델 사용</translation>
    </message>
    <message>
        <source>The NVIDIA driver {} does not work with this torch, which was built for CUDA {}: install a newer driver, or run Set up DualStream with an older CUDA build.</source>
        <translation>NVIDIA 드라이버 {} 버전에서는 CUDA {}용으로 빌드된 이 PyTorch를 사용할 수 없습니다. 새 드라이버를 설치하거나, 더 낮은 버전의 CUDA 빌드로 “DualStream 환경 설치”를 실행하십시오.</translation>
    </message>
    <message>
        <source>The QGIS plugin Deepness, from version 0.6, reads it as a Segmentor.</source>
        <translation>QGIS의 Deepness 플러그인 0.6 이상에서 Segmentor 모델로 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>The Ray cluster at {} cannot be used ({}): give its address as ray://HOST:10001 or HOST:6379, or auto on one of its machines; with on = ray one is started here for the run.</source>
        <translation>{} 주소의 Ray 클러스터를 사용할 수 없습니다({}). 주소를 ray://HOST:10001 또는 HOST:6379 형식으로 지정하거나, 클러스터의 컴퓨터에서는 auto를 지정하십시오. on = ray로 지정하면 이 컴퓨터에서 실행할 Ray를 새로 시작합니다.</translation>
    </message>
    <message>
        <source>The Ray cluster at {} runs Ray {} and Python {}, and this engine Ray {} and Python {}: both must be the same. Install the cluster&apos;s versions here, or these there.</source>
        <translation>{} 주소의 Ray 클러스터는 Ray {}, 파이썬 {} 버전이고 이 엔진은 Ray {}, 파이썬 {} 버전입니다. 두 버전이 같아야 합니다. 클러스터의 버전을 여기에 설치하거나, 이 엔진의 버전을 클러스터에 설치하십시오.</translation>
    </message>
    <message>
        <source>The augmentation copy-paste does nothing here: {}.</source>
        <translation>데이터 증강 copy-paste가 적용되지 않습니다: {}.</translation>
    </message>
    <message>
        <source>The auxiliary tile size</source>
        <translation>보조 래스터의 타일 크기</translation>
    </message>
    <message>
        <source>The device all: auto is used.</source>
        <translation>장치 all 대신 auto를 사용합니다.</translation>
    </message>
    <message>
        <source>The encoder starts from random weights: it needs many more labels and epochs, and a small training ends far below a pretrained one.</source>
        <translation>인코더가 무작위 가중치로 시작합니다. 라벨과 에포크가 훨씬 더 많이 필요하며, 학습 규모가 작으면 사전학습된 인코더보다 결과가 훨씬 나쁩니다.</translation>
    </message>
    <message>
        <source>The engine stopped before it had finished ({}).</source>
        <translation>엔진이 끝나기 전에 중단되었습니다({}).</translation>
    </message>
    <message>
        <source>The engine&apos;s Python {} cannot be started: {}.</source>
        <translation>엔진의 파이썬({})을 시작할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The expected error is the mean difference between a stated probability and how often it was right.</source>
        <translation>기대 오차는 모델이 계산한 확률과 실제로 맞은 비율의 평균 차이입니다.</translation>
    </message>
    <message>
        <source>The field {} is {}: {}.</source>
        <translation>{} 필드의 값({})을 사용할 수 없습니다. {}.</translation>
    </message>
    <message>
        <source>The file</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>The file {} gives the probabilities of {}: on random tiles they differ by at most {:.1g}.</source>
        <translation>{} 파일은 {} 모델과 같은 확률을 냅니다. 무작위 타일에서 차이는 최대 {:.1g}입니다.</translation>
    </message>
    <message>
        <source>The first validation has not been made yet.</source>
        <translation>첫 검증을 아직 하지 않았습니다.</translation>
    </message>
    <message>
        <source>The folder {} holds no SegFormer checkpoint that can be read: {}.</source>
        <translation>{} 폴더에 읽을 수 있는 SegFormer 체크포인트가 없습니다: {}.</translation>
    </message>
    <message>
        <source>The ground resolution of its training is not known: images should have the same.</source>
        <translation>학습에 쓰인 영상의 지상 해상도를 알 수 없습니다. 영상의 지상 해상도는 학습 때와 같아야 합니다.</translation>
    </message>
    <message>
        <source>The images have pixels of {:.3g} to {:.3g} m (0: unknown): the model learns from all of them pixel by pixel and knows no ground resolution of its own.</source>
        <translation>영상의 픽셀 크기가 {:.3g} m에서 {:.3g} m까지 다릅니다(0: 알 수 없음). 모델은 모든 영상을 픽셀 단위로 학습하며, 모델의 지상 해상도는 정해지지 않습니다.</translation>
    </message>
    <message>
        <source>The labels {} have the colour {} at row {}, column {} of the image (counted from 0), which is that of several classes, {}: give labels as a class raster, or each class a colour of its own.</source>
        <translation>{0} 라벨에서 영상의 행 {2}, 열 {3}(0부터 셈)에 있는 {1} 색상이 여러 클래스({4})에 지정되어 있습니다. 클래스 래스터를 라벨로 사용하거나 클래스마다 다른 색상을 지정하십시오.</translation>
    </message>
    <message>
        <source>The mapped class {} has {}: an interval needs two in each mapped class, so some are missing here. Label more pixels where the mask shows it.</source>
        <translation>마스크의 {} 클래스에 표본이 부족합니다({}). 신뢰구간을 계산하려면 마스크의 클래스마다 표본이 두 개 이상 필요하므로, 일부 신뢰구간이 표시되지 않습니다. 마스크에서 이 클래스로 분류된 곳에 라벨 픽셀을 더 만드십시오.</translation>
    </message>
    <message>
        <source>The mask agrees little with the labels of {} (IoU {}): look at them in the tiles below, and draw more training tiles that show this class (class_balance).</source>
        <translation>{} 클래스에서 마스크와 라벨이 거의 일치하지 않습니다(IoU {}). 아래 타일에서 이 클래스를 확인하고, 이 클래스가 있는 학습 타일을 더 많이 추출하십시오(class_balance).</translation>
    </message>
    <message>
        <source>The masks are in {}.</source>
        <translation>마스크는 {} 폴더에 있습니다.</translation>
    </message>
    <message>
        <source>The member {} of the ensemble file {} cannot be used: {}.</source>
        <translation>구성 모델 {}: {} 앙상블 파일에 있는 이 구성 모델을 사용할 수 없습니다. {}.</translation>
    </message>
    <message>
        <source>The metres of the coordinate system of {} are not those of the ground: areas and distances are measured on the ground.</source>
        <translation>{} 마스크의 좌표계에서 1미터는 실제 지상의 1미터와 다릅니다. 면적과 거리는 지상 기준으로 계산합니다.</translation>
    </message>
    <message>
        <source>The model sees the image alone; it takes no auxiliary rasters.</source>
        <translation>모델은 영상만 사용하며, 보조 래스터는 사용하지 않습니다.</translation>
    </message>
    <message>
        <source>The model to start from, {}, takes {}, and the data have {}.</source>
        <translation>기존 모델({})의 입력은 {}이지만, 데이터는 {}입니다.</translation>
    </message>
    <message>
        <source>The model was trained without auxiliary rasters: those in {} are not used.</source>
        <translation>모델이 보조 래스터 없이 학습되었으므로 {}의 보조 래스터는 사용하지 않습니다.</translation>
    </message>
    <message>
        <source>The model {} reaches mIoU {:.3f} in validation ({}), after {} on {}.</source>
        <translation>{} 모델의 검증 mIoU는 {:.3f}입니다({}). 소요 시간 {}, 장치 {}.</translation>
    </message>
    <message>
        <source>The model {} was trained on no auxiliary rasters: leave out those given ({}).</source>
        <translation>{} 모델은 보조 래스터 없이 학습되었습니다. 지정한 보조 래스터를 빼십시오({}).</translation>
    </message>
    <message>
        <source>The model {} was trained on {} ({}); {} has {} (alpha not counted). Choose or make a raster with the same bands in the same order.</source>
        <translation>{} 모델은 {}({})로 학습되었지만, {} 래스터에는 밴드가 {}개 있습니다(알파 밴드 제외). 같은 밴드가 같은 순서로 들어 있는 래스터를 선택하거나 만드십시오.</translation>
    </message>
    <message>
        <source>The model {} was trained on {}; those given have {} together ({}). Give the same bands in the same order, or choose them by their numbers.</source>
        <translation>{} 모델은 {}로 학습되었지만, 지정한 보조 래스터에는 모두 {}가 있습니다({}). 같은 밴드를 같은 순서로 지정하거나, 밴드를 번호로 선택하십시오.</translation>
    </message>
    <message>
        <source>The models {} and {} have different classes (only in the first: {}; only in the second: {}). Models work together on the same classes only: train or import them with the same values and names (class_names).</source>
        <translation>{} 모델과 {} 모델의 클래스가 다릅니다(첫 번째 모델에만 있는 클래스: {}, 두 번째 모델에만 있는 클래스: {}). 클래스가 같은 모델만 함께 사용할 수 있습니다. 값과 이름이 같도록(class_names) 모델을 학습시키거나 가져오십시오.</translation>
    </message>
    <message>
        <source>The name {} of class {} cannot be used: {}. Give it another.</source>
        <translation>이름 {}: 클래스 {}의 이름으로 사용할 수 없습니다. {}. 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The network has {}, but {} has {} in the normalisation imagenet: give mean and std.</source>
        <translation>신경망의 입력은 {}인데, imagenet 정규화의 {} 옵션에는 {}가 있습니다. mean과 std를 지정하십시오.</translation>
    </message>
    <message>
        <source>The network has {}, but {} has {}: give one for each band.</source>
        <translation>신경망의 입력은 {}인데, {} 옵션에는 {}가 있습니다. 밴드마다 값을 하나씩 지정하십시오.</translation>
    </message>
    <message>
        <source>The number of auxiliary bands</source>
        <translation>보조 밴드 수</translation>
    </message>
    <message>
        <source>The number of classes</source>
        <translation>클래스 수</translation>
    </message>
    <message>
        <source>The number of image bands</source>
        <translation>영상 밴드 수</translation>
    </message>
    <message>
        <source>The operating system stopped one of the training&apos;s processes, most likely because memory ran out. Choose a smaller batch size or tile size, or fewer devices.</source>
        <translation>운영 체제가 학습 프로세스 가운데 하나를 중단했습니다. 메모리 부족일 가능성이 큽니다. 배치 크기나 타일 크기를 줄이거나 장치 수를 줄이십시오.</translation>
    </message>
    <message>
        <source>The operating system stopped the engine, most likely because it was out of memory. Choose a smaller batch size or tile size, or close other programs, and run it again.</source>
        <translation>운영 체제가 엔진을 중단했습니다. 메모리 부족일 가능성이 큽니다. 배치 크기나 타일 크기를 줄이거나 다른 프로그램을 닫은 뒤 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>The output {} cannot be written ({}): choose another folder.</source>
        <translation>산출 파일을 저장할 수 없습니다: {} ({}). 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The pictures of the others are in {}.</source>
        <translation>나머지 영상의 그림은 {} 폴더에 있습니다.</translation>
    </message>
    <message>
        <source>The places with the most wrong pixels</source>
        <translation>틀린 픽셀이 가장 많은 곳</translation>
    </message>
    <message>
        <source>The pretrained weights are not those of the encoder {} ({}): give those of this encoder, or name the encoder that they belong to.</source>
        <translation>사전학습 가중치가 {} 인코더의 가중치가 아닙니다({}). 이 인코더의 가중치를 지정하거나, 가중치에 맞는 인코더를 지정하십시오.</translation>
    </message>
    <message>
        <source>The pretrained weights {} are not those of the encoder {} ({}): give those of this encoder, or name the network that they belong to.</source>
        <translation>{} 사전학습 가중치는 {} 인코더의 가중치가 아닙니다({}). 이 인코더의 가중치를 지정하거나, 가중치에 맞는 신경망 구조를 지정하십시오.</translation>
    </message>
    <message>
        <source>The pretrained weights {} could not be fetched; check the name, the revision and the network, or give a folder that holds them: {}.</source>
        <translation>{} 사전학습 가중치를 다운로드할 수 없습니다. 이름, 리비전, 네트워크 연결을 확인하거나 가중치가 있는 폴더를 지정하십시오: {}.</translation>
    </message>
    <message>
        <source>The process that computed it died {} times; perhaps it ran out of memory: take fewer workers, so that each has more, or segment this scene alone.</source>
        <translation>이 영상을 계산하던 프로세스가 {}번 비정상 종료되었습니다. 메모리가 부족했을 수 있습니다. 작업 프로세스의 수를 줄여 각각 메모리를 더 많이 쓸 수 있게 하거나, 이 영상만 따로 세그멘테이션하십시오.</translation>
    </message>
    <message>
        <source>The raster must have these bands in this order, on the same scale: the values from low to high are those of the training.</source>
        <translation>래스터에는 다음 밴드가 이 순서로 있어야 하며, 픽셀 값의 척도도 같아야 합니다. 하한과 상한 사이가 학습 데이터의 값 범위입니다.</translation>
    </message>
    <message>
        <source>The recipe has no field {}; do you mean {}?</source>
        <translation>레시피에 {} 항목이 없습니다. 이름이 비슷한 항목: {}.</translation>
    </message>
    <message>
        <source>The recipe has no field {}; it knows {}.</source>
        <translation>레시피에 {} 항목이 없습니다. 사용할 수 있는 항목: {}.</translation>
    </message>
    <message>
        <source>The run before used the same.</source>
        <translation>이전 실행과 같은 설정입니다.</translation>
    </message>
    <message>
        <source>The run was interrupted: this list lacks {}. Run the same command again; finished scenes are kept.</source>
        <translation>실행이 중단되었습니다. 이 목록에는 {}가 빠져 있습니다. 같은 명령을 다시 실행하십시오. 완료된 영상은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>The runtime {!r} is unknown: use {}.</source>
        <translation>런타임이 유효하지 않습니다: {!r}. 사용할 수 있는 값: {}.</translation>
    </message>
    <message>
        <source>The same run in a shell ({}):</source>
        <translation>셸({})에서 똑같이 실행하는 명령:</translation>
    </message>
    <message>
        <source>The scaling is kept.</source>
        <translation>픽셀 값 정규화는 그대로 유지합니다.</translation>
    </message>
    <message>
        <source>The scene {} is there already</source>
        <translation>{} 영상이 이미 있습니다</translation>
    </message>
    <message>
        <source>The score was still rising at the end: mIoU {}, {} until epoch {}. Train longer, with more epochs or minutes.</source>
        <translation>학습이 끝날 때에도 점수가 오르고 있었습니다(에포크 {2}까지 최고 mIoU {1}, 전체 최고 mIoU {0}). 에포크나 시간을 늘려 더 오래 학습시키십시오.</translation>
    </message>
    <message>
        <source>The starter model is {}</source>
        <translation>시작 모델: {}</translation>
    </message>
    <message>
        <source>The submission {} lacks {} of {} ({}): every {} needs a row, with -1 where the mask is empty.</source>
        <translation>{0} 제출 파일에 {2} 테이블의 {1}가 없습니다({3}). {4}마다 행이 하나씩 있어야 하며, 빈 마스크에는 -1을 적으십시오.</translation>
    </message>
    <message>
        <source>The table {} has no column {!r}; it needs {}, and has these columns: {}.</source>
        <translation>{} 테이블에 {!r} 열이 없습니다. 필요한 열: {}. 테이블에 있는 열: {}.</translation>
    </message>
    <message>
        <source>The tile size must be from {} to {} px and a multiple of {}, not {}.</source>
        <translation>타일 크기는 {}에서 {} px 사이이고 {}의 배수여야 합니다(지정한 값: {}).</translation>
    </message>
    <message>
        <source>The training is running: {} of {} epochs are finished. This page shows the newest numbers in a browser by itself; if the time at its end is long past, the training was stopped.</source>
        <translation>학습이 진행 중입니다. 에포크 {1}개 중 {0}개를 마쳤습니다. 브라우저에서는 이 페이지에 최신 수치가 자동으로 표시됩니다. 페이지 맨 아래의 시각이 오래전이면 학습이 중단된 것입니다.</translation>
    </message>
    <message>
        <source>The training started from the weights {}, whose licence holds for this model as well: {}.</source>
        <translation>학습을 {} 가중치에서 시작했으며, 이 가중치의 라이선스는 모델에도 적용됩니다: {}.</translation>
    </message>
    <message>
        <source>The weakest class is {}: {} of it is found, and {} of what is mapped as it is right.</source>
        <translation>점수가 가장 낮은 클래스는 {}입니다. 이 클래스의 {}를 찾았으며, 이 클래스로 분류된 픽셀의 {}가 맞습니다.</translation>
    </message>
    <message>
        <source>The weights in {} do not fit its card: it was changed, or written by another version of DualStream ({}). Take another file, or train the model again.</source>
        <translation>{} 파일의 가중치가 모델 카드와 맞지 않습니다. 파일이 변경되었거나 DualStream의 다른 버전에서 저장되었습니다({}). 다른 파일을 사용하거나 모델을 다시 학습하십시오.</translation>
    </message>
    <message>
        <source>The weights {} are not on this computer yet: the training downloads them once (about {:.0f} MB).</source>
        <translation>{} 가중치가 아직 이 컴퓨터에 없습니다. 학습할 때 한 번 다운로드합니다(약 {:.0f} MB).</translation>
    </message>
    <message>
        <source>The weights {} are not on this computer yet: the training downloads them once.</source>
        <translation>{} 가중치가 아직 이 컴퓨터에 없습니다. 학습할 때 한 번 다운로드합니다.</translation>
    </message>
    <message>
        <source>The weights {} are not those of {} with the encoder {} ({}): name the architecture that they were trained with.</source>
        <translation>{0} 파일은 인코더가 {2}인 {1} 신경망의 가중치가 아닙니다({3}). 가중치를 학습할 때 사용한 신경망 구조를 지정하십시오.</translation>
    </message>
    <message>
        <source>The whole mask, reduced: wrong pixels orange, right ones grey, nothing where there are no labels.</source>
        <translation>마스크 전체를 축소한 그림입니다. 주황색: 틀린 픽셀, 회색: 올바른 픽셀, 빈 곳: 라벨이 없는 곳.</translation>
    </message>
    <message>
        <source>The {} {} could not be written ({}): is the disk full? If not, choose another folder.</source>
        <translation>저장할 수 없습니다: {} {} ({}). 디스크가 가득 찼는지 확인하고, 그렇지 않으면 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The {} {} could not be written ({}): is the file open in QGIS? Close it there, or choose another name.</source>
        <translation>저장할 수 없습니다: {} {} ({}). 파일이 QGIS에서 열려 있으면 QGIS에서 닫거나 다른 이름을 선택하십시오.</translation>
    </message>
    <message>
        <source>There are no ImageNet weights for this encoder.</source>
        <translation>이 인코더의 ImageNet 가중치는 없습니다.</translation>
    </message>
    <message>
        <source>There is no encoder {!r}. Did you mean {}? {}</source>
        <translation>{!r} 인코더가 없습니다. 이름이 비슷한 인코더: {}. {}</translation>
    </message>
    <message>
        <source>There is no encoder {!r}. {}</source>
        <translation>{!r} 인코더가 없습니다. {}</translation>
    </message>
    <message>
        <source>There is no score: both tables have empty masks only, of {}.</source>
        <translation>점수를 계산할 수 없습니다. 두 테이블 모두 {}의 마스크가 비어 있습니다.</translation>
    </message>
    <message>
        <source>This installation has no starter model: train one on the training scene.</source>
        <translation>설치된 DualStream에 시작 모델이 들어 있지 않습니다. 학습용 영상으로 모델을 학습시키십시오.</translation>
    </message>
    <message>
        <source>This machine has no usable NVIDIA GPU.</source>
        <translation>이 컴퓨터에 사용할 수 있는 NVIDIA GPU가 없습니다.</translation>
    </message>
    <message>
        <source>This machine has one NVIDIA GPU.</source>
        <translation>이 컴퓨터에는 NVIDIA GPU가 하나뿐입니다.</translation>
    </message>
    <message>
        <source>This processor lacks an instruction that a library needs.</source>
        <translation>이 CPU는 라이브러리에 필요한 명령어를 지원하지 않습니다.</translation>
    </message>
    <message>
        <source>This torch was built for the CPU only.</source>
        <translation>이 PyTorch는 CPU 전용 빌드입니다.</translation>
    </message>
    <message>
        <source>This torch was built for the CPU only: run Set up DualStream again with a CUDA build of torch.</source>
        <translation>이 PyTorch는 CPU 전용 빌드입니다. CUDA 빌드의 PyTorch를 선택하여 “DualStream 환경 설치”를 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>Tile {} of {}</source>
        <translation>타일 {}/{}</translation>
    </message>
    <message>
        <source>Tiles of {} px; encoder {} with random weights.</source>
        <translation>타일 {} px, 인코더 {}(무작위 가중치).</translation>
    </message>
    <message>
        <source>Tiles of {} px; encoder {} with the weights of {}.</source>
        <translation>타일 {} px, 인코더 {}({} 모델의 가중치).</translation>
    </message>
    <message>
        <source>Tiles of {} px; encoder {} with the weights {}.</source>
        <translation>타일 {} px, 인코더 {}({} 가중치).</translation>
    </message>
    <message>
        <source>Training air quality</source>
        <translation>학습용 대기질</translation>
    </message>
    <message>
        <source>Training and mapping need packages that are not installed yet.</source>
        <translation>학습과 세그멘테이션에 필요한 패키지가 아직 설치되지 않았습니다.</translation>
    </message>
    <message>
        <source>Training and validation</source>
        <translation>학습과 검증</translation>
    </message>
    <message>
        <source>Training image</source>
        <translation>학습용 영상</translation>
    </message>
    <message>
        <source>Training labels</source>
        <translation>학습용 라벨</translation>
    </message>
    <message>
        <source>Training of {}</source>
        <translation>{} 모델 학습</translation>
    </message>
    <message>
        <source>Training on {} in {}.</source>
        <translation>학습 장치 {}, 계산 정밀도 {}.</translation>
    </message>
    <message>
        <source>Training stopped after epoch {} of {}: the validation loss has not fallen for {}.</source>
        <translation>에포크 {1}개 중 {0}개를 마치고 학습을 조기 종료했습니다. {2} 동안 검증 손실이 줄지 않았습니다.</translation>
    </message>
    <message>
        <source>Trial</source>
        <translation>시험 실행</translation>
    </message>
    <message>
        <source>Truth</source>
        <translation>정답</translation>
    </message>
    <message>
        <source>Unseen air quality</source>
        <translation>새 영상의 대기질</translation>
    </message>
    <message>
        <source>Unseen image</source>
        <translation>새 영상</translation>
    </message>
    <message>
        <source>Validation of epoch {}</source>
        <translation>에포크 {} 검증</translation>
    </message>
    <message>
        <source>Validation sees {} of {} tiles.</source>
        <translation>검증에는 타일 {1}개 중 {0}개를 사용합니다.</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>버전</translation>
    </message>
    <message>
        <source>Versions and origin</source>
        <translation>버전과 출처</translation>
    </message>
    <message>
        <source>Warning: {}</source>
        <translation>경고: {}</translation>
    </message>
    <message>
        <source>Warnings</source>
        <translation>경고</translation>
    </message>
    <message>
        <source>What is taken for what</source>
        <translation>클래스 사이의 오분류</translation>
    </message>
    <message>
        <source>What is wrong, and what to do</source>
        <translation>문제와 해결 방법</translation>
    </message>
    <message>
        <source>What it needs</source>
        <translation>필요한 것</translation>
    </message>
    <message>
        <source>What streams and bands contribute</source>
        <translation>스트림과 밴드의 기여도</translation>
    </message>
    <message>
        <source>What to do next</source>
        <translation>다음에 할 일</translation>
    </message>
    <message>
        <source>What was chosen automatically</source>
        <translation>자동으로 선택된 값</translation>
    </message>
    <message>
        <source>What would make it shorter: {}.</source>
        <translation>학습 시간을 줄이는 방법: {}.</translation>
    </message>
    <message>
        <source>Where they differ</source>
        <translation>마스크와 라벨이 다른 곳</translation>
    </message>
    <message>
        <source>Windows keeps the name {} for a device: give another one</source>
        <translation>Windows에서 {}은(는) 장치 이름으로 예약되어 있습니다. 다른 이름을 지정하십시오</translation>
    </message>
    <message>
        <source>Without (complete) auxiliary rasters: {} of {}; the network learns from the image alone there.</source>
        <translation>{1} 중 {0}개는 보조 래스터가 없거나 완전하지 않습니다. 신경망은 이런 곳에서는 영상만으로 학습합니다.</translation>
    </message>
    <message>
        <source>Without them the model works from the image alone, less accurately, if you tick “Without the second stream”.</source>
        <translation>보조 래스터가 없어도 “두 번째 스트림 없이 실행”에 체크하면 영상만으로 실행할 수 있지만, 정확도가 떨어집니다.</translation>
    </message>
    <message>
        <source>Writes two small made-up scenes to try everything on, and shows them.</source>
        <translation>모든 기능을 시험해 볼 수 있는 작은 가상 영상 두 개를 저장하고 표시합니다.</translation>
    </message>
    <message>
        <source>a GPU</source>
        <translation>GPU 사용</translation>
    </message>
    <message>
        <source>a batch of one tile has no other to paste from (batch_size)</source>
        <translation>배치에 타일이 하나뿐이어서 붙여넣을 다른 타일이 없음(batch_size)</translation>
    </message>
    <message>
        <source>a device</source>
        <translation>장치</translation>
    </message>
    <message>
        <source>a list of numbers</source>
        <translation>숫자 목록</translation>
    </message>
    <message>
        <source>a list of texts</source>
        <translation>텍스트 목록</translation>
    </message>
    <message>
        <source>a list of whole numbers from {} to {}</source>
        <translation>{}에서 {}까지의 정수 목록</translation>
    </message>
    <message>
        <source>a list of {} values</source>
        <translation>값 {}개의 목록</translation>
    </message>
    <message>
        <source>a little better, a little slower</source>
        <translation>조금 더 정확하고 조금 더 느림</translation>
    </message>
    <message>
        <source>a named pipe (FIFO)</source>
        <translation>명명된 파이프(FIFO)</translation>
    </message>
    <message>
        <source>a number from {} to {}</source>
        <translation>{}에서 {}까지의 숫자</translation>
    </message>
    <message>
        <source>a smaller encoder than {}</source>
        <translation>{}보다 작은 인코더 사용</translation>
    </message>
    <message>
        <source>a socket</source>
        <translation>소켓</translation>
    </message>
    <message>
        <source>a tile_size below {}</source>
        <translation>tile_size를 {}보다 작게 지정</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>정수</translation>
    </message>
    <message>
        <source>about as many steps as any training needs on a GPU</source>
        <translation>GPU 학습에 보통 필요한 스텝 수에 맞춤</translation>
    </message>
    <message>
        <source>about as many steps as any training needs on a computer without a GPU</source>
        <translation>GPU가 없는 컴퓨터의 학습에 보통 필요한 스텝 수에 맞춤</translation>
    </message>
    <message>
        <source>accuracy</source>
        <translation>정확도</translation>
    </message>
    <message>
        <source>accurate, for a GPU</source>
        <translation>정확함, GPU용</translation>
    </message>
    <message>
        <source>after calibration</source>
        <translation>보정 후</translation>
    </message>
    <message>
        <source>all masks</source>
        <translation>모든 마스크</translation>
    </message>
    <message>
        <source>an object of {} values</source>
        <translation>값 {}개의 JSON 객체</translation>
    </message>
    <message>
        <source>an unknown size</source>
        <translation>알 수 없는 크기</translation>
    </message>
    <message>
        <source>any class</source>
        <translation>모든 클래스</translation>
    </message>
    <message>
        <source>as many as fit into the device&apos;s memory</source>
        <translation>장치의 메모리에 들어가는 만큼</translation>
    </message>
    <message>
        <source>as many as fit into {:g} min at the measured speed</source>
        <translation>측정한 속도로 {:g}분 안에 마칠 수 있는 만큼</translation>
    </message>
    <message>
        <source>augmentation</source>
        <translation>데이터 증강</translation>
    </message>
    <message>
        <source>auxiliary alone</source>
        <translation>보조 래스터만</translation>
    </message>
    <message>
        <source>auxiliary.tile_size is {}, and {} sees both streams in tiles of {}</source>
        <translation>auxiliary.tile_size 값은 {}인데 {} 신경망은 두 스트림을 크기가 {}인 타일로 처리합니다</translation>
    </message>
    <message>
        <source>auxiliary: {}, {} x {} px a tile</source>
        <translation>보조 래스터: {}, 타일당 {} x {} px</translation>
    </message>
    <message>
        <source>batches of {}</source>
        <translation>배치 크기 {}</translation>
    </message>
    <message>
        <source>before calibration</source>
        <translation>보정 전</translation>
    </message>
    <message>
        <source>begun</source>
        <translation>시작 시각</translation>
    </message>
    <message>
        <source>both streams</source>
        <translation>두 스트림</translation>
    </message>
    <message>
        <source>boundary F1</source>
        <translation>경계 F1</translation>
    </message>
    <message>
        <source>built like MiT-B1, free for any use</source>
        <translation>MiT-B1과 비슷한 구조, 용도 제한 없음</translation>
    </message>
    <message>
        <source>calibrated with temperature {:.3g}, expected error {:.3f} ({:.3f} before)</source>
        <translation>보정됨(온도 {:.3g}), 기대 오차 {:.3f}(보정 전 {:.3f})</translation>
    </message>
    <message>
        <source>choice</source>
        <translation>선택</translation>
    </message>
    <message>
        <source>class</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>class {}</source>
        <translation>클래스 {}</translation>
    </message>
    <message>
        <source>class {}: {} ({})</source>
        <translation>클래스 {}: {} ({})</translation>
    </message>
    <message>
        <source>classes</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>confidence</source>
        <translation>신뢰도</translation>
    </message>
    <message>
        <source>default</source>
        <translation>기본값</translation>
    </message>
    <message>
        <source>device</source>
        <translation>장치</translation>
    </message>
    <message>
        <source>differences</source>
        <translation>차이</translation>
    </message>
    <message>
        <source>encoder</source>
        <translation>인코더</translation>
    </message>
    <message>
        <source>encoder from the weights {} ({})</source>
        <translation>인코더 가중치: {} ({})</translation>
    </message>
    <message>
        <source>engine {}</source>
        <translation>엔진 {}</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>에포크</translation>
    </message>
    <message>
        <source>epoch {} of {}</source>
        <translation>에포크 {}/{}</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>에포크</translation>
    </message>
    <message>
        <source>epochs {} takes about {}</source>
        <translation>epochs {} 지정(약 {} 소요)</translation>
    </message>
    <message>
        <source>estimated area, {}</source>
        <translation>추정 면적 ({})</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>완전 일치</translation>
    </message>
    <message>
        <source>exit code {}</source>
        <translation>종료 코드 {}</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>실패</translation>
    </message>
    <message>
        <source>fast on processors and GPUs</source>
        <translation>CPU와 GPU에서 빠름</translation>
    </message>
    <message>
        <source>fastest on processors</source>
        <translation>CPU에서 가장 빠름</translation>
    </message>
    <message>
        <source>few labels, for a GPU</source>
        <translation>라벨이 적을 때, GPU용</translation>
    </message>
    <message>
        <source>file</source>
        <translation>파일</translation>
    </message>
    <message>
        <source>folder</source>
        <translation>폴더</translation>
    </message>
    <message>
        <source>for a GPU</source>
        <translation>GPU에 알맞은 인코더</translation>
    </message>
    <message>
        <source>for a GPU, and no larger than the images</source>
        <translation>GPU에 알맞은 크기, 영상 크기 이하</translation>
    </message>
    <message>
        <source>for a computer without a GPU</source>
        <translation>GPU가 없는 컴퓨터에 알맞은 인코더</translation>
    </message>
    <message>
        <source>for a computer without a GPU, and no larger than the images</source>
        <translation>GPU가 없는 컴퓨터에 알맞은 크기, 영상 크기 이하</translation>
    </message>
    <message>
        <source>for images with {} of type {}</source>
        <translation>{}, {} 형식의 영상에 맞춤</translation>
    </message>
    <message>
        <source>found</source>
        <translation>찾음</translation>
    </message>
    <message>
        <source>from the resolutions of both streams</source>
        <translation>두 스트림의 해상도로 계산</translation>
    </message>
    <message>
        <source>high</source>
        <translation>상한</translation>
    </message>
    <message>
        <source>history</source>
        <translation>학습 기록</translation>
    </message>
    <message>
        <source>image alone</source>
        <translation>영상만</translation>
    </message>
    <message>
        <source>image: {}, {}: {}</source>
        <translation>영상: {}, {}: {}</translation>
    </message>
    <message>
        <source>imported from {}</source>
        <translation>{}에서 가져온 모델</translation>
    </message>
    <message>
        <source>imported {}</source>
        <translation>{} 가져옴</translation>
    </message>
    <message>
        <source>in all</source>
        <translation>전체 소요 시간</translation>
    </message>
    <message>
        <source>in the labels</source>
        <translation>라벨의 객체</translation>
    </message>
    <message>
        <source>in the mask but not in the labels</source>
        <translation>마스크에만 있음</translation>
    </message>
    <message>
        <source>it begins before the run ahead of it ends</source>
        <translation>앞의 런이 끝나기 전에 시작됨</translation>
    </message>
    <message>
        <source>it closed its output</source>
        <translation>출력이 닫힘</translation>
    </message>
    <message>
        <source>it ends beyond the picture, whose {} x {} px are {}</source>
        <translation>영상의 끝을 넘음. 영상 크기 {} x {} px, 픽셀 수 {}</translation>
    </message>
    <message>
        <source>it has the unknown key {}</source>
        <translation>알 수 없는 키가 있습니다({})</translation>
    </message>
    <message>
        <source>it holds the character U+{:04X}, which cannot be written or shown</source>
        <translation>저장하거나 표시할 수 없는 문자가 있습니다(U+{:04X})</translation>
    </message>
    <message>
        <source>it holds the character U+{:04X}, which no path can hold</source>
        <translation>경로에 사용할 수 없는 문자가 있습니다(U+{:04X})</translation>
    </message>
    <message>
        <source>it is a folder, not a file</source>
        <translation>파일이 아니라 폴더입니다</translation>
    </message>
    <message>
        <source>it is a service on a network. Save the part that you need as a GeoTIFF, and give that</source>
        <translation>네트워크에 있는 서비스입니다. 필요한 부분을 GeoTIFF로 저장하여 그 파일을 지정하십시오</translation>
    </message>
    <message>
        <source>it is {}, not a file</source>
        <translation>파일이 아니라 {}입니다</translation>
    </message>
    <message>
        <source>its lists and objects are more than {} deep</source>
        <translation>목록과 JSON 객체가 {}단계보다 깊게 중첩되어 있습니다</translation>
    </message>
    <message>
        <source>its name or path is longer than this system allows: give a shorter one</source>
        <translation>이름이나 경로가 이 시스템에서 허용하는 길이보다 깁니다. 더 짧은 이름을 지정하십시오</translation>
    </message>
    <message>
        <source>its output has {} x {} px</source>
        <translation>출력 크기가 {} x {} px임</translation>
    </message>
    <message>
        <source>its path holds the character NUL: give another one</source>
        <translation>경로에 NUL 문자가 있습니다. 다른 경로를 지정하십시오</translation>
    </message>
    <message>
        <source>its path is impossible ({}): give another one</source>
        <translation>사용할 수 없는 경로입니다({}). 다른 경로를 지정하십시오</translation>
    </message>
    <message>
        <source>its path is not valid UTF-8: rename the file or folder, or save the table that names it as UTF-8</source>
        <translation>경로가 유효한 UTF-8이 아닙니다. 파일이나 폴더의 이름을 바꾸거나, 경로가 적힌 테이블을 UTF-8로 저장하십시오</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>유지됨</translation>
    </message>
    <message>
        <source>kept from earlier runs</source>
        <translation>이전 실행에서 유지됨</translation>
    </message>
    <message>
        <source>labelled as</source>
        <translation>라벨의 클래스</translation>
    </message>
    <message>
        <source>labelled pixels</source>
        <translation>라벨이 있는 픽셀</translation>
    </message>
    <message>
        <source>labels</source>
        <translation>라벨</translation>
    </message>
    <message>
        <source>legend</source>
        <translation>범례</translation>
    </message>
    <message>
        <source>licence not known</source>
        <translation>라이선스 정보 없음</translation>
    </message>
    <message>
        <source>licence not known here</source>
        <translation>라이선스 정보 없음</translation>
    </message>
    <message>
        <source>low</source>
        <translation>하한</translation>
    </message>
    <message>
        <source>mIoU in validation</source>
        <translation>검증 mIoU</translation>
    </message>
    <message>
        <source>mIoU lost when each band is shuffled</source>
        <translation>각 밴드를 뒤섞을 때 줄어드는 mIoU</translation>
    </message>
    <message>
        <source>mIoU lost when the band is shuffled</source>
        <translation>밴드를 뒤섞을 때 줄어드는 mIoU</translation>
    </message>
    <message>
        <source>mIoU {:.3f} in its validation</source>
        <translation>검증 mIoU {:.3f}</translation>
    </message>
    <message>
        <source>mapped area, {}</source>
        <translation>마스크의 면적 ({})</translation>
    </message>
    <message>
        <source>mapped as</source>
        <translation>마스크의 클래스</translation>
    </message>
    <message>
        <source>mapped as it</source>
        <translation>이 클래스로 분류된 픽셀</translation>
    </message>
    <message>
        <source>mask</source>
        <translation>마스크</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>평균</translation>
    </message>
    <message>
        <source>mean F1</source>
        <translation>평균 F1</translation>
    </message>
    <message>
        <source>mean IoU</source>
        <translation>평균 IoU(mIoU)</translation>
    </message>
    <message>
        <source>mean IoU in its validation</source>
        <translation>검증의 평균 IoU(mIoU)</translation>
    </message>
    <message>
        <source>million weights</source>
        <translation>가중치 수 (백만)</translation>
    </message>
    <message>
        <source>minutes {} plans it for that time</source>
        <translation>minutes {} 지정(이 시간에 맞춰 학습)</translation>
    </message>
    <message>
        <source>missed</source>
        <translation>놓침</translation>
    </message>
    <message>
        <source>model file</source>
        <translation>모델 파일</translation>
    </message>
    <message>
        <source>more than linear operations follow the network&apos;s last layer</source>
        <translation>신경망의 마지막 층 뒤에 선형이 아닌 연산이 있음</translation>
    </message>
    <message>
        <source>mosaic</source>
        <translation>모자이크</translation>
    </message>
    <message>
        <source>network</source>
        <translation>신경망 구조</translation>
    </message>
    <message>
        <source>no classes to paste are named (paste)</source>
        <translation>붙여넣을 클래스가 지정되지 않음(paste)</translation>
    </message>
    <message>
        <source>no pixel has a value</source>
        <translation>값이 있는 픽셀 없음</translation>
    </message>
    <message>
        <source>they are best as they are</source>
        <translation>지금 값이 가장 좋음</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>값 없음</translation>
    </message>
    <message>
        <source>not calibrated, expected error {:.3f}</source>
        <translation>보정하지 않음, 기대 오차 {:.3f}</translation>
    </message>
    <message>
        <source>object F1</source>
        <translation>객체 F1</translation>
    </message>
    <message>
        <source>of labelled pixels right</source>
        <translation>라벨이 있는 픽셀 중 올바른 비율</translation>
    </message>
    <message>
        <source>of the labels&apos; outline</source>
        <translation>라벨 외곽선의 일치 비율</translation>
    </message>
    <message>
        <source>of the mapped land right</source>
        <translation>마스크 전체 면적 중 올바른 비율</translation>
    </message>
    <message>
        <source>of the mask&apos;s outline</source>
        <translation>마스크 외곽선의 일치 비율</translation>
    </message>
    <message>
        <source>of the pixels right</source>
        <translation>올바른 픽셀의 비율</translation>
    </message>
    <message>
        <source>on {}</source>
        <translation>소요 시간, {}</translation>
    </message>
    <message>
        <source>option</source>
        <translation>옵션</translation>
    </message>
    <message>
        <source>part {} of {}</source>
        <translation>부분 {}/{}</translation>
    </message>
    <message>
        <source>picture</source>
        <translation>그림</translation>
    </message>
    <message>
        <source>pixel accuracy</source>
        <translation>픽셀 정확도</translation>
    </message>
    <message>
        <source>pixel accuracy {:.3f}</source>
        <translation>픽셀 정확도 {:.3f}</translation>
    </message>
    <message>
        <source>pixels</source>
        <translation>픽셀</translation>
    </message>
    <message>
        <source>pixels in training</source>
        <translation>학습 픽셀</translation>
    </message>
    <message>
        <source>polygons</source>
        <translation>폴리곤</translation>
    </message>
    <message>
        <source>precision</source>
        <translation>정밀도</translation>
    </message>
    <message>
        <source>precision (user&apos;s accuracy)</source>
        <translation>정밀도 (사용자 정확도)</translation>
    </message>
    <message>
        <source>probabilities: {}</source>
        <translation>확률: {}</translation>
    </message>
    <message>
        <source>random</source>
        <translation>무작위</translation>
    </message>
    <message>
        <source>raster</source>
        <translation>래스터</translation>
    </message>
    <message>
        <source>recall</source>
        <translation>재현율</translation>
    </message>
    <message>
        <source>recall (producer&apos;s accuracy)</source>
        <translation>재현율 (생산자 정확도)</translation>
    </message>
    <message>
        <source>recipe</source>
        <translation>레시피</translation>
    </message>
    <message>
        <source>report</source>
        <translation>보고서</translation>
    </message>
    <message>
        <source>sample,example,demo,tutorial,first,try,start,test data,starter model</source>
        <translation>sample,example,demo,tutorial,first,try,start,test data,starter model,예제,예제 데이터,데모,튜토리얼,처음,시작,시작 모델,딥러닝,세그멘테이션</translation>
    </message>
    <message>
        <source>samples mapped as it</source>
        <translation>이 클래스로 분류된 표본</translation>
    </message>
    <message>
        <source>scene</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>scene {} of {}, {}</source>
        <translation>영상 {}/{}, {}</translation>
    </message>
    <message>
        <source>scenes</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>랜덤 시드</translation>
    </message>
    <message>
        <source>segmentation-models-pytorch has no encoder {!r}. Did you mean {}? {}</source>
        <translation>segmentation-models-pytorch에 {!r} 인코더가 없습니다. 이름이 비슷한 인코더: {}. {}</translation>
    </message>
    <message>
        <source>segmentation-models-pytorch has no encoder {!r}. {}</source>
        <translation>segmentation-models-pytorch에 {!r} 인코더가 없습니다. {}</translation>
    </message>
    <message>
        <source>segmented now</source>
        <translation>이번에 세그멘테이션함</translation>
    </message>
    <message>
        <source>serve reads jobs from standard input, not {}. Leave out --config; how long to wait for a job is the option --idle_seconds.</source>
        <translation>serve 명령은 작업을 {} 파일이 아니라 표준 입력에서 읽습니다. --config를 빼십시오. 작업을 기다리는 시간은 --idle_seconds 옵션으로 지정합니다.</translation>
    </message>
    <message>
        <source>signal {}</source>
        <translation>시그널 {}</translation>
    </message>
    <message>
        <source>size</source>
        <translation>파일 크기</translation>
    </message>
    <message>
        <source>standard deviation</source>
        <translation>표준 편차</translation>
    </message>
    <message>
        <source>started from {}</source>
        <translation>기존 모델에서 시작: {}</translation>
    </message>
    <message>
        <source>starts and lengths count from 1</source>
        <translation>시작과 길이는 1 이상이어야 함</translation>
    </message>
    <message>
        <source>state of the training</source>
        <translation>학습 상태 파일</translation>
    </message>
    <message>
        <source>table</source>
        <translation>테이블</translation>
    </message>
    <message>
        <source>that of the original CMX clouds</source>
        <translation>원래 CMX 구름 모델의 인코더</translation>
    </message>
    <message>
        <source>that of the original DualStream</source>
        <translation>원래 DualStream의 인코더</translation>
    </message>
    <message>
        <source>the QGIS profile</source>
        <translation>QGIS 사용자 프로파일</translation>
    </message>
    <message>
        <source>the checkout</source>
        <translation>소스 코드 폴더</translation>
    </message>
    <message>
        <source>the classic, for a GPU</source>
        <translation>고전적인 인코더, GPU용</translation>
    </message>
    <message>
        <source>the environment variable {}</source>
        <translation>환경 변수 {}</translation>
    </message>
    <message>
        <source>the model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>the numbers as a table</source>
        <translation>수치 테이블</translation>
    </message>
    <message>
        <source>the recipe of the network</source>
        <translation>신경망의 레시피</translation>
    </message>
    <message>
        <source>the recipe of {}</source>
        <translation>{} 신경망의 레시피</translation>
    </message>
    <message>
        <source>the recipe {}</source>
        <translation>{} 레시피</translation>
    </message>
    <message>
        <source>the validation part shows one class only</source>
        <translation>검증 영역에 클래스가 하나뿐임</translation>
    </message>
    <message>
        <source>the weights are those of epoch {}</source>
        <translation>에포크 {}의 가중치 사용</translation>
    </message>
    <message>
        <source>the weights of {}: the new labels did not improve it</source>
        <translation>{} 모델의 가중치, 새 라벨로 나아지지 않음</translation>
    </message>
    <message>
        <source>their licence is not known here</source>
        <translation>라이선스 정보 없음</translation>
    </message>
    <message>
        <source>there is no such file</source>
        <translation>파일이 없습니다</translation>
    </message>
    <message>
        <source>tile {} of {}</source>
        <translation>타일 {}/{}</translation>
    </message>
    <message>
        <source>too many objects to count</source>
        <translation>객체가 너무 많아 셀 수 없음</translation>
    </message>
    <message>
        <source>trained</source>
        <translation>학습한 모델</translation>
    </message>
    <message>
        <source>trained {}</source>
        <translation>{} 학습</translation>
    </message>
    <message>
        <source>training</source>
        <translation>학습</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 또는 false</translation>
    </message>
    <message>
        <source>validation</source>
        <translation>검증</translation>
    </message>
    <message>
        <source>validation: {}</source>
        <translation>검증: {}</translation>
    </message>
    <message>
        <source>value</source>
        <translation>값</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>가중치</translation>
    </message>
    <message>
        <source>what</source>
        <translation>항목</translation>
    </message>
    <message>
        <source>which started from</source>
        <translation>그 이전 모델</translation>
    </message>
    <message>
        <source>why</source>
        <translation>이유</translation>
    </message>
    <message>
        <source>wrong (in the difference)</source>
        <translation>틀림 (차이 그림)</translation>
    </message>
    <message>
        <source>you have no permission to look into its folder: ask for it, or copy the file</source>
        <translation>폴더에 접근할 권한이 없습니다. 권한을 요청하거나 파일을 복사하십시오</translation>
    </message>
    <message>
        <source>{!r}... of {} characters</source>
        <translation>{!r}...(전체 {}자)</translation>
    </message>
    <message>
        <source>{:.0f} s</source>
        <translation>{:.0f}초</translation>
    </message>
    <message>
        <source>{:.2g} s</source>
        <translation>{:.2g}초</translation>
    </message>
    <message>
        <source>{:.3g} cm per pixel</source>
        <translation>픽셀당 {:.3g} cm</translation>
    </message>
    <message>
        <source>{:.3g} m per pixel</source>
        <translation>픽셀당 {:.3g} m</translation>
    </message>
    <message>
        <source>{} (auxiliary)</source>
        <translation>{} (보조 래스터)</translation>
    </message>
    <message>
        <source>{} (epoch {})</source>
        <translation>{} (에포크 {})</translation>
    </message>
    <message>
        <source>{} (image)</source>
        <translation>{} (영상)</translation>
    </message>
    <message>
        <source>{} a step, in one batch</source>
        <translation>스텝당 {}(배치 1개)</translation>
    </message>
    <message>
        <source>{} a step: batches of {}, {} of them</source>
        <translation>스텝당 {}(배치 크기 {}, 배치 {}개)</translation>
    </message>
    <message>
        <source>{} and no auxiliary bands</source>
        <translation>{}(보조 밴드 없음)</translation>
    </message>
    <message>
        <source>{} becomes {}</source>
        <translation>{} → {}</translation>
    </message>
    <message>
        <source>{} cannot be aligned: it has coordinates but names no coordinate system, while the image does. Assign the right one (Raster &gt; Projections) and try again.</source>
        <translation>{} 파일을 정렬할 수 없습니다. 좌표는 있지만 좌표계가 지정되어 있지 않으며, 영상에는 좌표계가 있습니다. 올바른 좌표계를 지정한 뒤(래스터 &gt; 투영체) 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>{} cannot be aligned: the image has coordinates but names no coordinate system. Assign the right one to the image (Raster &gt; Projections) and try again.</source>
        <translation>{} 파일을 정렬할 수 없습니다. 영상에 좌표는 있지만 좌표계가 지정되어 있지 않습니다. 영상에 올바른 좌표계를 지정한 뒤(래스터 &gt; 투영체) 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>{} cannot be read at rows {}-{}, columns {}-{}: {}.</source>
        <translation>{} 파일의 행 {}-{}, 열 {}-{} 부분을 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>{} cannot be read: {}.</source>
        <translation>{} 파일을 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>{} epochs planned</source>
        <translation>계획한 에포크 {}개</translation>
    </message>
    <message>
        <source>{} for training, {} for validation, {} divided into blocks.</source>
        <translation>학습용 {}, 검증용 {}개, 블록으로 나눈 영상 {}개.</translation>
    </message>
    <message>
        <source>{} from a probability of {:.3g} on</source>
        <translation>확률 {1:.3g} 이상이면 {0}</translation>
    </message>
    <message>
        <source>{} h {} min</source>
        <translation>{}시간 {}분</translation>
    </message>
    <message>
        <source>{} has no coordinate system, so the size of a pixel is unknown: areas and distances are in pixels, and the field area_m2 stays empty. Assign the coordinate system to get metres.</source>
        <translation>{} 마스크에 좌표계가 없어 픽셀 크기를 알 수 없습니다. 면적과 거리는 픽셀 단위이며 area_m2 필드는 비어 있습니다. 미터 단위로 계산하려면 좌표계를 지정하십시오.</translation>
    </message>
    <message>
        <source>{} has {}: {}</source>
        <translation>{} 목록의 값({})을 사용할 수 없습니다. {}</translation>
    </message>
    <message>
        <source>{} images, the first: {}.</source>
        <translation>영상 {}개, 첫 번째 영상: {}.</translation>
    </message>
    <message>
        <source>{} is not installed in the engine&apos;s Python. Install it with: {} - or leave the option on empty, which needs none.</source>
        <translation>엔진의 파이썬에 {} 패키지가 설치되어 있지 않습니다. 다음 명령으로 설치하십시오: {} - 또는 on 옵션을 비워두면 이 패키지가 필요 없습니다.</translation>
    </message>
    <message>
        <source>{} is unknown</source>
        <translation>알 수 없는 가중치 {}</translation>
    </message>
    <message>
        <source>{} is {:g}, and must be 0 or more</source>
        <translation>{} 값이 {:g}인데 0 이상이어야 합니다</translation>
    </message>
    <message>
        <source>{} is {}, and must be {}</source>
        <translation>{} 값이 유효하지 않습니다({}). 필요한 값: {}</translation>
    </message>
    <message>
        <source>{} is {}: {}</source>
        <translation>{} 값({})을 사용할 수 없습니다. {}</translation>
    </message>
    <message>
        <source>{} min</source>
        <translation>{}분</translation>
    </message>
    <message>
        <source>{} missing: {}</source>
        <translation>없는 가중치 {}개: {}</translation>
    </message>
    <message>
        <source>{} must hold finite numbers.</source>
        <translation>{}의 값은 유한한 숫자여야 합니다.</translation>
    </message>
    <message>
        <source>{} must hold {} numbers, not {}.</source>
        <translation>{}에는 숫자가 {}개 있어야 합니다(지정한 값: {}개).</translation>
    </message>
    <message>
        <source>{} names the class {}, but the labels have no names for their values: give a class value.</source>
        <translation>{} 옵션에 {} 클래스를 이름으로 지정했지만, 라벨의 값에는 이름이 없습니다. 클래스 값을 지정하십시오.</translation>
    </message>
    <message>
        <source>{} names the class {}, but the labels have {}: give a name that they have, or a class value.</source>
        <translation>{} 옵션에 지정한 {} 클래스가 라벨에 없습니다. 라벨의 클래스: {}. 라벨에 있는 이름이나 클래스 값을 지정하십시오.</translation>
    </message>
    <message>
        <source>{} of the {} labelled pixels have the right class in the mask.</source>
        <translation>라벨이 있는 픽셀 {1}개 중 {0}가 마스크에서 올바른 클래스입니다.</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{1} 중 {0}개 완료</translation>
    </message>
    <message>
        <source>{} of {} ({} each), {} in all, planned for {:g} min.</source>
        <translation>{}, 에포크마다 {}({}), 전체 {}, 계획 시간 {:g}분.</translation>
    </message>
    <message>
        <source>{} of {} ({} each), {} in all.</source>
        <translation>{}, 에포크마다 {}({}), 전체 {}.</translation>
    </message>
    <message>
        <source>{} of {} could not be segmented: {}; the warnings above say why.</source>
        <translation>{1} 중 {0}개를 세그멘테이션하지 못했습니다: {2}. 원인은 위의 경고에 있습니다.</translation>
    </message>
    <message>
        <source>{} of {} failed ({}); {} explains.</source>
        <translation>영상 {1}개 중 {0}개를 세그멘테이션하지 못했습니다({2}). 원인은 {3} 파일에 있습니다.</translation>
    </message>
    <message>
        <source>{} of {} is mapped as {} ({} pixels)</source>
        <translation>{1} 클래스의 {0}가 {2} 클래스로 분류됨(픽셀 {3}개)</translation>
    </message>
    <message>
        <source>{} or {}</source>
        <translation>{}, {} 중 하나</translation>
    </message>
    <message>
        <source>{} tile at a time</source>
        <translation>한 번에 타일 {}개</translation>
    </message>
    <message>
        <source>{} tiles at a time</source>
        <translation>한 번에 타일 {}개</translation>
    </message>
    <message>
        <source>{} unexpected: {}</source>
        <translation>알 수 없는 가중치 {}개: {}</translation>
    </message>
    <message>
        <source>{} with {}</source>
        <translation>{}(인코더 {})</translation>
    </message>
    <message>
        <source>{} workers with a GPU and {} each</source>
        <translation>작업 프로세스 {}개(각각 GPU 1개, {})</translation>
    </message>
    <message>
        <source>{} workers with {} each</source>
        <translation>작업 프로세스 {}개(각각 {})</translation>
    </message>
    <message>
        <source>{}, each of {}</source>
        <translation>{}, 에포크마다 {}</translation>
    </message>
    <message>
        <source>{}, exit code {}</source>
        <translation>{}, 종료 코드 {}</translation>
    </message>
    <message>
        <source>{}, which {} names, cannot be opened: {}.</source>
        <translation>{} 파일을 열 수 없습니다({} 파일에 적힌 경로): {}.</translation>
    </message>
    <message>
        <source>{}, {}, tiles of {} px.</source>
        <translation>{}, {}, 타일 {} px.</translation>
    </message>
    <message>
        <source>{}: batches of {} do not fit into the memory, so it begins again with {}.</source>
        <translation>{}: 배치 크기 {}에는 메모리가 부족하여 다음 설정으로 다시 시작합니다: {}.</translation>
    </message>
    <message>
        <source>{}: the mask cannot be used. {}</source>
        <translation>{}: 마스크를 사용할 수 없습니다. {}</translation>
    </message>
    <message>
        <source>{}: the picture is missing. The table gives no path, and there is no picture {} in {}.</source>
        <translation>{0}: 영상이 없습니다. 테이블에 경로가 없고, {2} 폴더에도 {1} 영상이 없습니다.</translation>
    </message>
    <message>
        <source>{}: the picture is missing. There is neither {} beside the table nor a picture {} in {}.</source>
        <translation>{0}: 영상이 없습니다. 테이블이 있는 폴더에 {1} 파일이 없고, {3} 폴더에도 {2} 영상이 없습니다.</translation>
    </message>
    <message>
        <source>{}: {:,} so far</source>
        <translation>{}: 지금까지 {:,}개</translation>
    </message>
    <message>
        <source>{}: {:g} M parameters, weights are downloaded once ({}); {}</source>
        <translation>{}: 파라미터 {:g}백만 개, 가중치는 한 번 다운로드({}); {}</translation>
    </message>
    <message>
        <source>{}: {:g} M parameters, weights come with the engine ({}); {}</source>
        <translation>{}: 파라미터 {:g}백만 개, 가중치는 엔진에 포함({}); {}</translation>
    </message>
    <message>
        <source>{}: {} with {}, tile {} px</source>
        <translation>{}: {}(인코더 {}), 타일 {} px</translation>
    </message>
    <message>
        <source>*(a)*: under *Advanced* in the dialog.</source>
        <translation>*(a)*: 대화창의 “고급 파라미터”에 있습니다.</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>산출물</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>파라미터</translation>
    </message>
    <message>
        <source>The algorithms</source>
        <translation>알고리즘</translation>
    </message>
    <message>
        <source>The fields of the parameter Recipe (`RECIPE`). The button beside it shows them in a form. In a shell each field is an option of its own, such as `--learning_rate 0.0005`.</source>
        <translation>레시피 파라미터(`RECIPE`)에 넣을 수 있는 항목입니다. 파라미터 옆의 버튼을 클릭하면 모든 항목을 양식으로 볼 수 있습니다. 셸에서는 항목마다 별도의 옵션으로 지정합니다(예: `--learning_rate 0.0005`).</translation>
    </message>
    <message>
        <source>The recipe of a training</source>
        <translation>학습 레시피</translation>
    </message>
    <message>
        <source>The sample data cannot be written to {}: {}. Choose another folder.</source>
        <translation>{} 폴더에 예제 데이터를 저장할 수 없습니다: {}. 다른 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>`{}` in scripts and models; group *{}* in the Toolbox.</source>
        <translation>스크립트와 모델에서 쓰는 이름: `{}`. 공간 처리 툴박스의 그룹: “{}”.</translation>
    </message>
    <message>
        <source>as the dialog proposes</source>
        <translation>대화창에 표시되는 값</translation>
    </message>
    <message>
        <source>bands</source>
        <translation>밴드</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>비워둠</translation>
    </message>
    <message>
        <source>extent</source>
        <translation>범위</translation>
    </message>
    <message>
        <source>field</source>
        <translation>필드</translation>
    </message>
    <message>
        <source>file to write</source>
        <translation>산출 파일</translation>
    </message>
    <message>
        <source>file, or several</source>
        <translation>파일 (여러 개 가능)</translation>
    </message>
    <message>
        <source>folder to write</source>
        <translation>산출 폴더</translation>
    </message>
    <message>
        <source>list, separated by commas</source>
        <translation>쉼표로 구분한 목록</translation>
    </message>
    <message>
        <source>meaning</source>
        <translation>설명</translation>
    </message>
    <message>
        <source>name</source>
        <translation>이름</translation>
    </message>
    <message>
        <source>number, {} or more</source>
        <translation>{} 이상의 숫자</translation>
    </message>
    <message>
        <source>number, {} to {}</source>
        <translation>{}에서 {}까지의 숫자</translation>
    </message>
    <message>
        <source>output</source>
        <translation>산출물</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>파라미터</translation>
    </message>
    <message>
        <source>raster or vector layer</source>
        <translation>래스터 또는 벡터 레이어</translation>
    </message>
    <message>
        <source>raster to write</source>
        <translation>산출 래스터</translation>
    </message>
    <message>
        <source>rasters</source>
        <translation>래스터 (여러 개 가능)</translation>
    </message>
    <message>
        <source>required</source>
        <translation>필수</translation>
    </message>
    <message>
        <source>setting</source>
        <translation>설정</translation>
    </message>
    <message>
        <source>text</source>
        <translation>텍스트</translation>
    </message>
    <message>
        <source>type</source>
        <translation>형식</translation>
    </message>
    <message>
        <source>values</source>
        <translation>값</translation>
    </message>
    <message>
        <source>vector layer</source>
        <translation>벡터 레이어</translation>
    </message>
    <message>
        <source>vector layer to write</source>
        <translation>산출 벡터 레이어</translation>
    </message>
    <message>
        <source>whole number, {} or more</source>
        <translation>{} 이상의 정수</translation>
    </message>
    <message>
        <source>whole number, {} to {}</source>
        <translation>{}에서 {}까지의 정수</translation>
    </message>
    <message>
        <source>yes or no</source>
        <translation>예 또는 아니요</translation>
    </message>
    <message>
        <source>A downloaded package is not the one that DualStream was made for: its content was changed on the way, by a mirror, a proxy or a broken disk. It was not installed. Run this again through another network, or ask who looks after the package index.</source>
        <translation>다운로드한 패키지가 DualStream에 지정된 패키지와 다릅니다. 미러, 프록시 또는 고장 난 디스크 때문에 내용이 바뀌었습니다. 이 패키지는 설치하지 않았습니다. 다른 네트워크에서 다시 실행하거나 패키지 인덱스의 관리자에게 문의하십시오.</translation>
    </message>
    <message>
        <source>AMD graphics cards (ROCm {})</source>
        <translation>AMD 그래픽 카드(ROCm {})</translation>
    </message>
    <message>
        <source>Another program holds a file of the installation, most likely a virus scanner or another window of QGIS. Close other windows of QGIS; if it stays, ask for the folder to be exempt from scanning.</source>
        <translation>다른 프로그램이 설치 파일을 사용하고 있습니다. 백신 프로그램이나 다른 QGIS 창일 가능성이 큽니다. 다른 QGIS 창을 닫으십시오. 그래도 해결되지 않으면 설치 폴더를 백신 검사에서 제외해 달라고 관리자에게 요청하십시오.</translation>
    </message>
    <message>
        <source>Apple&apos;s processor and graphics</source>
        <translation>Apple 실리콘(CPU와 그래픽)</translation>
    </message>
    <message>
        <source>Check the internet connection, the proxy and the free disk space.</source>
        <translation>인터넷 연결, 프록시, 디스크의 남은 공간을 확인하십시오.</translation>
    </message>
    <message>
        <source>Choose a folder for the packages: QGIS deletes a temporary one when it is closed.</source>
        <translation>패키지를 저장할 폴더를 선택하십시오. 임시 폴더는 QGIS를 닫을 때 삭제됩니다.</translation>
    </message>
    <message>
        <source>Choosing the packages with PyTorch for {}</source>
        <translation>패키지를 고르는 중, PyTorch 빌드: {}</translation>
    </message>
    <message>
        <source>Creating a Python environment for the engine</source>
        <translation>엔진의 파이썬 환경을 만드는 중</translation>
    </message>
    <message>
        <source>Download for another computer</source>
        <translation>다른 컴퓨터용 다운로드</translation>
    </message>
    <message>
        <source>Downloading {}</source>
        <translation>다운로드하는 중: {}</translation>
    </message>
    <message>
        <source>DualStream is being set up by another window of QGIS. Wait until that is done.</source>
        <translation>다른 QGIS 창에서 DualStream을 설치하고 있습니다. 설치가 끝날 때까지 기다리십시오.</translation>
    </message>
    <message>
        <source>DualStream&apos;s engine cannot be installed on a Mac with an Intel processor: PyTorch has no package for it any more. Use a Mac with an Apple processor, Windows or Linux; nothing was downloaded.</source>
        <translation>Intel 프로세서를 사용하는 Mac에는 DualStream 엔진을 설치할 수 없습니다. PyTorch가 이 Mac용 패키지를 더 이상 제공하지 않습니다. Apple 실리콘 Mac, Windows 또는 Linux를 사용하십시오. 다운로드한 파일은 없습니다.</translation>
    </message>
    <message>
        <source>DualStream&apos;s engine cannot be installed on this system, {}: PyTorch has no package for it. It has packages for Windows, macOS on Apple processors, and Linux with glibc on x86-64 and ARM64; nothing was downloaded.</source>
        <translation>이 시스템({})에는 DualStream 엔진을 설치할 수 없습니다. 이 시스템용 PyTorch 패키지가 없습니다. PyTorch 패키지는 Windows, macOS(Apple 실리콘), glibc를 사용하는 Linux(x86-64, ARM64)용으로 제공됩니다. 다운로드한 파일은 없습니다.</translation>
    </message>
    <message>
        <source>DualStream&apos;s engine needs macOS {} or later, and this is macOS {}. Update macOS in System Settings &gt; General &gt; Software Update and run this again; nothing was downloaded.</source>
        <translation>DualStream 엔진에는 macOS {} 이상이 필요하지만, 이 컴퓨터는 macOS {}입니다. 시스템 설정 &gt; 일반 &gt; 소프트웨어 업데이트에서 macOS를 업데이트한 뒤 다시 실행하십시오. 다운로드한 파일은 없습니다.</translation>
    </message>
    <message>
        <source>Fills a folder with all packages, so that DualStream can be set up where there is no internet.</source>
        <translation>인터넷에 연결되지 않은 컴퓨터에도 DualStream을 설치할 수 있도록 모든 패키지를 폴더에 다운로드합니다.</translation>
    </message>
    <message>
        <source>Folder that is filled, for one system only. If it holds a part of the packages, only the others are downloaded.</source>
        <translation>패키지를 저장할 폴더이며, 폴더 하나에 한 시스템의 패키지만 저장합니다. 폴더에 패키지 일부가 이미 있으면 나머지만 다운로드합니다.</translation>
    </message>
    <message>
        <source>For a computer without internet: a folder with all packages for this system, which Download for another computer has filled elsewhere. Empty: they are downloaded.</source>
        <translation>인터넷에 연결되지 않은 컴퓨터에서 사용합니다. 다른 컴퓨터에서 “다른 컴퓨터용 다운로드”를 실행하여 만든 폴더(이 시스템의 모든 패키지가 들어 있음)를 지정합니다. 비워두면 패키지를 다운로드합니다.</translation>
    </message>
    <message>
        <source>Getting uv {}, the program that installs Python packages</source>
        <translation>파이썬 패키지를 설치하는 프로그램을 가져오는 중: uv {}</translation>
    </message>
    <message>
        <source>Installing PyTorch for {}</source>
        <translation>PyTorch를 설치하는 중: {}</translation>
    </message>
    <message>
        <source>Intel graphics cards</source>
        <translation>Intel 그래픽 카드</translation>
    </message>
    <message>
        <source>It said: {}</source>
        <translation>원래 메시지: {}</translation>
    </message>
    <message>
        <source>Loading the packages for the first time, which compiles them</source>
        <translation>패키지를 처음으로 불러와 컴파일하는 중</translation>
    </message>
    <message>
        <source>Looking for packages that are not used any more, {:.0f} s</source>
        <translation>더 이상 사용하지 않는 패키지를 찾는 중, {:.0f}초</translation>
    </message>
    <message>
        <source>Measuring the disk, {:.0f} s</source>
        <translation>디스크 사용량을 확인하는 중, {:.0f}초</translation>
    </message>
    <message>
        <source>NVIDIA graphics cards (CUDA {})</source>
        <translation>NVIDIA 그래픽 카드(CUDA {})</translation>
    </message>
    <message>
        <source>No graphics card that PyTorch supports was found.</source>
        <translation>PyTorch가 지원하는 그래픽 카드를 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>Putting the packages into place, {:.0f} s</source>
        <translation>패키지 파일을 설치 위치에 배치하는 중, {:.0f}초</translation>
    </message>
    <message>
        <source>PyTorch for Macs uses Apple&apos;s graphics by itself.</source>
        <translation>Mac용 PyTorch는 Apple 그래픽을 자동으로 사용합니다.</translation>
    </message>
    <message>
        <source>PyTorch has no packages for the graphics card {} on the system {}. Choose none: the processor is used then, and on a Mac Apple&apos;s graphics as well.</source>
        <translation>{1} 시스템의 {0} 그래픽 카드에 맞는 PyTorch 패키지가 없습니다. 그래픽 카드로 none을 선택하십시오. 그러면 CPU를 사용하며, Mac에서는 Apple 그래픽도 사용합니다.</translation>
    </message>
    <message>
        <source>Python cannot be downloaded: using the system&apos;s, {}</source>
        <translation>파이썬을 다운로드할 수 없어 시스템의 파이썬을 사용합니다: {}</translation>
    </message>
    <message>
        <source>Python for the engine could not be installed.</source>
        <translation>엔진의 파이썬을 설치하지 못했습니다.</translation>
    </message>
    <message>
        <source>Python of the other computer</source>
        <translation>다른 컴퓨터의 파이썬</translation>
    </message>
    <message>
        <source>Python {} could not be downloaded, because {} cannot be reached from here. The packages are complete: the folder works on a computer whose Linux has its own Python {}, the file /usr/bin/python{}. If it has another version, 3.11 to 3.14, choose that as Python of the other computer and run this again.</source>
        <translation>여기에서 {1} 서버에 연결할 수 없어 파이썬 {0} 버전을 다운로드하지 못했습니다. 패키지는 모두 다운로드했습니다. Linux에 파이썬 {2} 버전(/usr/bin/python{3} 파일)이 있는 컴퓨터에서는 이 폴더로 설치할 수 있습니다. 다른 버전(3.11부터 3.14까지)이 있으면 “다른 컴퓨터의 파이썬”에서 그 버전을 선택하고 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>Removing {} packages that are not used any more</source>
        <translation>더 이상 사용하지 않는 패키지 {}개를 삭제하는 중</translation>
    </message>
    <message>
        <source>Size of the folder (MB)</source>
        <translation>폴더 크기 (MB)</translation>
    </message>
    <message>
        <source>That build of PyTorch cannot be downloaded: taking the one for {}, about {:g} GB</source>
        <translation>이 PyTorch 빌드를 다운로드할 수 없어 다른 빌드를 사용합니다: {}, 약 {:g} GB</translation>
    </message>
    <message>
        <source>The Microsoft Visual C++ runtime is missing or too old. Install it from aka.ms/vs/17/release/vc_redist.x64.exe.</source>
        <translation>Microsoft Visual C++ 런타임이 없거나 너무 오래되었습니다. aka.ms/vs/17/release/vc_redist.x64.exe 주소에서 다운로드하여 설치하십시오.</translation>
    </message>
    <message>
        <source>The NVIDIA driver of this computer supports CUDA {}.</source>
        <translation>이 컴퓨터의 NVIDIA 드라이버는 CUDA {} 버전을 지원합니다.</translation>
    </message>
    <message>
        <source>The NVIDIA driver of this computer supports only CUDA {}, and PyTorch needs 12.6: update the driver and run this again to use the graphics card.</source>
        <translation>이 컴퓨터의 NVIDIA 드라이버는 CUDA {} 버전까지만 지원하지만, PyTorch에는 12.6 이상이 필요합니다. 그래픽 카드를 사용하려면 드라이버를 업데이트한 뒤 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>The disk is full. Free some space, at least what the help of this dialog states.</source>
        <translation>디스크가 가득 찼습니다. 이 대화창의 도움말에 나오는 크기 이상으로 공간을 확보하십시오.</translation>
    </message>
    <message>
        <source>The file {} cannot be written.</source>
        <translation>{} 파일을 저장할 수 없습니다.</translation>
    </message>
    <message>
        <source>The file {} is not the one that DualStream was made for: its content was changed on the way or on this disk. Copy the folder again, or fill it again.</source>
        <translation>{} 파일이 DualStream에 지정된 파일과 다릅니다. 다운로드하거나 복사하는 동안 또는 이 디스크에서 내용이 바뀌었습니다. 폴더를 다시 복사하거나 “다른 컴퓨터용 다운로드”로 폴더를 다시 만드십시오.</translation>
    </message>
    <message>
        <source>The file {} is not the one that DualStream was made for: its content was changed on the way or on this disk. It was removed. Run this again; if the same is said then, the package index {} hands out other files: ask who looks after it.</source>
        <translation>{} 파일이 DualStream에 지정된 파일과 다릅니다. 다운로드하는 동안 또는 이 디스크에서 내용이 바뀌었습니다. 파일을 삭제했으므로 다시 실행하십시오. 같은 메시지가 다시 나오면 {} 패키지 인덱스가 다른 파일을 제공하는 것이므로 인덱스 관리자에게 문의하십시오.</translation>
    </message>
    <message>
        <source>The folder holds no Python: using the system&apos;s, {}</source>
        <translation>폴더에 파이썬이 없어 시스템의 파이썬을 사용합니다: {}</translation>
    </message>
    <message>
        <source>The folder {} cannot be filled: {}. {}</source>
        <translation>{} 폴더에 패키지를 저장할 수 없습니다: {}. {}</translation>
    </message>
    <message>
        <source>The folder {} does not contain {}. Fill it again.</source>
        <translation>{} 폴더에 {} 파일이 없습니다. “다른 컴퓨터용 다운로드”로 폴더를 다시 만드십시오.</translation>
    </message>
    <message>
        <source>The folder {} does not hold DualStream&apos;s packages. Fill it on a computer with internet: run Download for another computer there.</source>
        <translation>{} 폴더에 DualStream의 패키지가 없습니다. 인터넷에 연결된 컴퓨터에서 “다른 컴퓨터용 다운로드”를 실행하여 폴더를 만드십시오.</translation>
    </message>
    <message>
        <source>The folder {} holds no Python {}, without which nothing can be installed here. Run Download for another computer again where its server can be reached: what was downloaded is kept.</source>
        <translation>{} 폴더에 설치에 필요한 파이썬 {} 버전이 없습니다. 파이썬 다운로드 서버에 연결할 수 있는 곳에서 “다른 컴퓨터용 다운로드”를 다시 실행하십시오. 이미 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>The folder {} holds no Python, its packages are made for Python {}, and this computer has none of that version in {}. Install it from the system&apos;s packages, or fill the folder again for a Python that is there.</source>
        <translation>{} 폴더에 파이썬이 없습니다. 폴더의 패키지에는 파이썬 {} 버전이 필요하지만, 이 컴퓨터의 다음 폴더에 이 버전이 없습니다: {}. 시스템의 패키지로 이 버전을 설치하거나, 이 컴퓨터에 있는 파이썬 버전을 선택하여 패키지를 다시 다운로드하십시오.</translation>
    </message>
    <message>
        <source>The folder {} holds the packages for {}, and this computer is {}. Fill another one for this system.</source>
        <translation>{} 폴더의 패키지는 {} 시스템용이지만, 이 컴퓨터의 시스템은 {}입니다. 이 시스템용 폴더를 따로 만드십시오.</translation>
    </message>
    <message>
        <source>The folder {} holds {:,} MB. Copy it to the other computer and choose it there in Set up DualStream as Folder of packages.</source>
        <translation>{} 폴더의 크기는 {:,} MB입니다. 이 폴더를 다른 컴퓨터에 복사하고, 그 컴퓨터의 “DualStream 환경 설치”에서 “패키지 폴더”로 선택하십시오.</translation>
    </message>
    <message>
        <source>The package index cannot be reached. Check the internet connection and Settings &gt; Options &gt; Network &gt; Proxy, or install from a folder (parameter Folder of packages).</source>
        <translation>패키지 인덱스에 연결할 수 없습니다. 인터넷 연결과 설정 &gt; 옵션 &gt; 네트워크 &gt; 프록시를 확인하거나, 폴더에서 설치하십시오(“패키지 폴더” 파라미터).</translation>
    </message>
    <message>
        <source>The package index or folder lacks a package for this system, its processor and this Python. Choose another build of PyTorch, or ask who looks after the index or made the folder.</source>
        <translation>이 시스템, 프로세서, 파이썬에 맞는 패키지가 패키지 인덱스나 폴더에 없습니다. 다른 PyTorch 빌드를 선택하거나, 패키지 인덱스의 관리자 또는 폴더를 만든 사람에게 문의하십시오.</translation>
    </message>
    <message>
        <source>The package index refuses the download. Check its address and your password for it in Options &gt; Processing &gt; Providers &gt; DualStream.</source>
        <translation>패키지 인덱스가 다운로드를 거부합니다. 옵션 &gt; 공간 처리 &gt; 제공자 &gt; DualStream에서 패키지 인덱스의 주소와 비밀번호를 확인하십시오.</translation>
    </message>
    <message>
        <source>The package index {} does not offer {}. Ask who looks after it to add it, or remove the other index in Options &gt; Processing &gt; Providers &gt; DualStream.</source>
        <translation>{} 패키지 인덱스에 {} 파일이 없습니다. 인덱스 관리자에게 이 파일을 추가해 달라고 요청하거나, 옵션 &gt; 공간 처리 &gt; 제공자 &gt; DualStream에서 이 인덱스의 주소를 지우십시오.</translation>
    </message>
    <message>
        <source>The packages are complete, but Python {} could not be downloaded, because {} cannot be reached from here, and without it Set up cannot work on the other computer. Run this again where that address is allowed: what was downloaded is kept.</source>
        <translation>패키지는 모두 다운로드했지만, 여기에서 {1} 서버에 연결할 수 없어 파이썬 {0} 버전을 다운로드하지 못했습니다. 파이썬이 없으면 다른 컴퓨터에서 “DualStream 환경 설치”를 실행할 수 없습니다. 이 서버에 연결할 수 있는 곳에서 다시 실행하십시오. 이미 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>The packages could not be installed.</source>
        <translation>패키지를 설치하지 못했습니다.</translation>
    </message>
    <message>
        <source>The packages for the other computer could not be found.</source>
        <translation>다른 컴퓨터에 맞는 패키지를 찾지 못했습니다.</translation>
    </message>
    <message>
        <source>The packages were installed but cannot be loaded.</source>
        <translation>패키지를 설치했지만 불러올 수 없습니다.</translation>
    </message>
    <message>
        <source>The program {} cannot be started.</source>
        <translation>{} 프로그램을 시작할 수 없습니다.</translation>
    </message>
    <message>
        <source>The proxy does not answer or bars the address. Check Settings &gt; Options &gt; Network &gt; Proxy, or ask that the package index be allowed.</source>
        <translation>프록시가 응답하지 않거나 주소를 차단합니다. 설정 &gt; 옵션 &gt; 네트워크 &gt; 프록시를 확인하거나, 패키지 인덱스를 허용해 달라고 관리자에게 요청하십시오.</translation>
    </message>
    <message>
        <source>The proxy of this network asks for a user name and password. Enter them in Settings &gt; Options &gt; Network &gt; Proxy.</source>
        <translation>이 네트워크의 프록시에 사용자 이름과 비밀번호가 필요합니다. 설정 &gt; 옵션 &gt; 네트워크 &gt; 프록시에 입력하십시오.</translation>
    </message>
    <message>
        <source>Then run the same again: what was downloaded is kept.</source>
        <translation>그런 다음 다시 실행하십시오. 이미 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>This computer has an AMD graphics card that PyTorch supports.</source>
        <translation>이 컴퓨터에 PyTorch가 지원하는 AMD 그래픽 카드가 있습니다.</translation>
    </message>
    <message>
        <source>Unpacking uv, {:.0f} s</source>
        <translation>uv의 압축을 푸는 중, {:.0f}초</translation>
    </message>
    <message>
        <source>Waiting for the package index, {:.0f} s</source>
        <translation>패키지 인덱스의 응답을 기다리는 중, {:.0f}초</translation>
    </message>
    <message>
        <source>Working, {:.0f} s</source>
        <translation>작업 중, {:.0f}초</translation>
    </message>
    <message>
        <source>Your share of the disk (quota) is used up. Free some of it or ask the administrator for more.</source>
        <translation>디스크 할당량(quota)을 모두 사용했습니다. 공간을 확보하거나 관리자에게 할당량을 늘려 달라고 요청하십시오.</translation>
    </message>
    <message>
        <source>automatic: the one that is downloaded with the packages. A version: for a Linux computer that is to use its own Python, because Python cannot be downloaded here.</source>
        <translation>automatic: 패키지와 함께 다운로드하는 파이썬. 버전: 여기에서 파이썬을 다운로드할 수 없어 다른 컴퓨터의 Linux에 있는 파이썬을 사용해야 할 때 그 버전을 선택합니다.</translation>
    </message>
    <message>
        <source>offline,air-gapped,packages,wheels,install,USB stick,without internet</source>
        <translation>offline,air-gapped,packages,wheels,install,USB stick,without internet,오프라인,폐쇄망,패키지,설치,USB,인터넷 없이,다운로드,딥러닝</translation>
    </message>
    <message>
        <source>the processor, without graphics cards</source>
        <translation>CPU(그래픽 카드 미사용)</translation>
    </message>
    <message>
        <source>uv does not know this Python.</source>
        <translation>uv가 이 파이썬을 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>uv is verified</source>
        <translation>uv 검증 완료</translation>
    </message>
    <message>
        <source>{:,.0f} MB are there</source>
        <translation>{:,.0f} MB 완료</translation>
    </message>
    <message>
        <source>{:,.0f} of {:,.0f} MB are there</source>
        <translation>{1:,.0f} MB 중 {0:,.0f} MB 완료</translation>
    </message>
    <message>
        <source>{:,} of about {:,} modules are loaded</source>
        <translation>모듈을 불러오는 중: 약 {1:,}개 중 {0:,}개 완료</translation>
    </message>
    <message>
        <source>{} could not be reached.</source>
        <translation>{} 서버에 연결하지 못했습니다.</translation>
    </message>
    <message>
        <source>{} is not the file that DualStream was made for: its content was changed on the way, by a mirror, a proxy or a broken disk. It was removed; run this again.</source>
        <translation>{} 파일이 DualStream에 지정된 파일과 다릅니다. 미러, 프록시 또는 고장 난 디스크 때문에 내용이 바뀌었습니다. 파일을 삭제했으므로 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>not the record of a scene</source>
        <translation>영상의 기록이 아닙니다</translation>
    </message>
    <message>
        <source>Run &quot;Set up DualStream&quot; from the menu Plugins &gt; DualStream or the Processing Toolbox, which installs it, or set the environment variable DUALSTREAM_PYTHON to a Python that has the packages of engine/requirements.txt.</source>
        <translation>메뉴 플러그인 &gt; DualStream 또는 공간 처리 툴박스에서 “DualStream 환경 설치”를 실행하여 설치하거나, engine/requirements.txt의 패키지가 있는 파이썬을 환경 변수 DUALSTREAM_PYTHON에 지정하십시오.</translation>
    </message>
    <message>
        <source>Number of polygons</source>
        <translation>폴리곤 수</translation>
    </message>
    <message>
        <source>A square of {:g} {} has {} x {} px of the image {}, and at least {} x {} px are needed: give a larger size, or leave it out.</source>
        <translation>한 변이 {0:g} {1}인 정사각형은 {4} 영상에서 {2} x {3} px이지만, {5} x {6} px 이상이어야 합니다. 크기를 더 크게 지정하거나 자동으로 두십시오.</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>영역</translation>
    </message>
    <message>
        <source>As many as you can label before the next training.</source>
        <translation>다음 학습 전까지 라벨을 만들 수 있는 만큼 지정합니다.</translation>
    </message>
    <message>
        <source>Comparing square {} of {}</source>
        <translation>정사각형을 비교하는 중: {}/{}</translation>
    </message>
    <message>
        <source>GeoPackage with the squares, their ranks and their style.</source>
        <translation>정사각형과 그 순위 및 스타일이 들어 있는 GeoPackage입니다.</translation>
    </message>
    <message>
        <source>In metres on the ground; for an image without a coordinate system in pixels. Automatic: what the model sees at once, which is the best to train on; without a model 256 pixels of the image.</source>
        <translation>지상 기준의 길이(m)이며, 좌표계가 없는 영상에서는 픽셀 단위입니다. 자동: 모델이 한 번에 보는 크기이며, 학습에 가장 알맞습니다. 모델이 없으면 영상의 256픽셀입니다.</translation>
    </message>
    <message>
        <source>Look only in this part, in any coordinate system. Empty: in the whole image.</source>
        <translation>이 부분에서만 찾습니다. 좌표계는 무엇이든 됩니다. 비워두면 영상 전체에서 찾습니다.</translation>
    </message>
    <message>
        <source>Look only inside these polygons, such as where you may label: at least half of each square lies inside.</source>
        <translation>이 폴리곤 안에서만 찾습니다(예: 라벨을 만들 수 있는 지역). 정사각형마다 절반 이상이 폴리곤 안에 있습니다.</translation>
    </message>
    <message>
        <source>Names or values of classes, separated by commas, such as 255 or unknown. Their pixels count as unlabelled.</source>
        <translation>클래스의 이름이나 값을 쉼표로 구분하여 입력합니다(예: 255, unknown). 해당 픽셀은 라벨이 없는 것으로 봅니다.</translation>
    </message>
    <message>
        <source>None: squares that are unlike each other, for the first labels.</source>
        <translation>비워두면 처음 라벨을 만들 수 있도록 서로 다르게 보이는 정사각형을 찾습니다.</translation>
    </message>
    <message>
        <source>Number of squares</source>
        <translation>정사각형 수</translation>
    </message>
    <message>
        <source>Reading the labels</source>
        <translation>라벨을 읽는 중</translation>
    </message>
    <message>
        <source>Side of a square in metres</source>
        <translation>정사각형 한 변의 길이 (m)</translation>
    </message>
    <message>
        <source>Squares</source>
        <translation>정사각형 수</translation>
    </message>
    <message>
        <source>Squares to label</source>
        <translation>라벨을 만들 정사각형</translation>
    </message>
    <message>
        <source>The area {} lies outside of the image {}, or of the extent in it.</source>
        <translation>영역 {}: {} 영상 밖에 있거나 지정한 범위 밖에 있습니다. 영상과 범위 안의 영역을 지정하십시오.</translation>
    </message>
    <message>
        <source>The labelled area belongs to labels: give them, or leave it out.</source>
        <translation>라벨 영역은 라벨과 함께 지정해야 합니다. 라벨을 지정하거나 라벨 영역을 비워두십시오.</translation>
    </message>
    <message>
        <source>The labels {} label no pixel of the image.</source>
        <translation>{} 라벨이 영상의 픽셀을 하나도 덮지 않습니다.</translation>
    </message>
    <message>
        <source>The model is unsure or sees several classes</source>
        <translation>모델이 확신하지 못하거나 여러 클래스를 찾음</translation>
    </message>
    <message>
        <source>The model sees a rare class</source>
        <translation>모델이 드문 클래스를 찾음</translation>
    </message>
    <message>
        <source>The option {} is missing: suggest needs image and output.</source>
        <translation>옵션이 없습니다: {}. suggest 명령에는 image와 output을 지정해야 합니다.</translation>
    </message>
    <message>
        <source>Unlike anything labelled</source>
        <translation>라벨이 있는 어느 곳과도 다름</translation>
    </message>
    <message>
        <source>Where to label next</source>
        <translation>다음 라벨링 위치</translation>
    </message>
    <message>
        <source>Where to label next on {}</source>
        <translation>{}의 다음 라벨링 위치</translation>
    </message>
    <message>
        <source>Without a model auxiliary rasters are not used: give a model, or leave them out.</source>
        <translation>모델이 없으면 보조 래스터를 사용하지 않습니다. 모델을 지정하거나 보조 래스터를 빼십시오.</translation>
    </message>
    <message>
        <source>active learning,label,annotate,digitize,training data,sample,uncertainty,entropy,where,next,suggest,core set,deep learning</source>
        <translation>active learning,label,annotate,digitize,training data,sample,uncertainty,entropy,where,next,suggest,core set,deep learning,능동 학습,액티브 러닝,라벨,라벨링,레이블,디지타이징,학습 데이터,표본,불확실성,엔트로피,추천,딥러닝,머신러닝,세그멘테이션</translation>
    </message>
    <message>
        <source>{} square</source>
        <translation>정사각형 {}개</translation>
    </message>
    <message>
        <source>{} squares</source>
        <translation>정사각형 {}개</translation>
    </message>
    <message>
        <source>&lt; {} %</source>
        <translation>{}% 미만</translation>
    </message>
    <message>
        <source>&gt; {} %</source>
        <translation>{}% 초과</translation>
    </message>
    <message>
        <source>{:.3g} %</source>
        <translation>{:.3g}%</translation>
    </message>
    <message>
        <source>Before and after</source>
        <translation>학습 전후 비교</translation>
    </message>
    <message>
        <source>Changed: {:.1%}</source>
        <translation>바뀐 픽셀: {:.1%}</translation>
    </message>
    <message>
        <source>Checked squares</source>
        <translation>확인한 정사각형</translation>
    </message>
    <message>
        <source>Corrected masks</source>
        <translation>수정한 마스크</translation>
    </message>
    <message>
        <source>Corrected masks and checked squares belong together: give both, or leave both empty.</source>
        <translation>수정한 마스크와 확인한 정사각형은 함께 지정해야 합니다. 둘 다 지정하거나 둘 다 비워두십시오.</translation>
    </message>
    <message>
        <source>Corrected pixels among them: {:,} + {:,}.</source>
        <translation>이 가운데 수정한 픽셀: {:,} + {:,}.</translation>
    </message>
    <message>
        <source>IoU in validation</source>
        <translation>검증 IoU</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>라벨</translation>
    </message>
    <message>
        <source>Mask after</source>
        <translation>학습 후 마스크</translation>
    </message>
    <message>
        <source>Mask before</source>
        <translation>학습 전 마스크</translation>
    </message>
    <message>
        <source>No checked square covers a pixel of the images: do squares and images overlap, and do they have the right coordinate systems?</source>
        <translation>확인한 정사각형이 영상의 픽셀을 하나도 덮지 않습니다. 정사각형과 영상이 서로 겹치는지, 좌표계가 올바른지 확인하십시오.</translation>
    </message>
    <message>
        <source>No raster in {} has the name of an image: name each like its image (endings may differ).</source>
        <translation>{} 폴더에 영상과 이름이 같은 래스터가 없습니다. 래스터마다 해당 영상과 같은 이름을 지정하십시오(확장자는 달라도 됩니다).</translation>
    </message>
    <message>
        <source>None of the squares {} is checked: set the field {} to true for those in which the mask is right.</source>
        <translation>확인한 정사각형이 없습니다: {}. 마스크가 올바른 정사각형의 {} 필드를 true로 지정하십시오.</translation>
    </message>
    <message>
        <source>Polygons of the squares in which the corrections are right, such as the layer of &lt;i&gt;Where to label next&lt;/i&gt;: those whose field &lt;i&gt;checked&lt;/i&gt; is true, or all polygons of a layer without that field. One layer for all corrections, or one for each in the same order.</source>
        <translation>그 안의 마스크가 올바른지 확인을 마친 정사각형의 폴리곤입니다(예: &lt;i&gt;다음 라벨링 위치&lt;/i&gt;의 레이어). &lt;i&gt;checked&lt;/i&gt; 필드가 true인 폴리곤만 사용하며, 이 필드가 없는 레이어에서는 모든 폴리곤을 사용합니다. 수정한 마스크 모두에 쓸 레이어 하나를 지정하거나, 마스크마다 하나씩 같은 순서로 지정합니다.</translation>
    </message>
    <message>
        <source>Some polygons of {} have no class: write the value of their class into the field {}, such as 1.</source>
        <translation>{} 폴리곤 중 일부에 클래스가 없습니다. {} 필드에 클래스 값을 입력하십시오(예: 1).</translation>
    </message>
    <message>
        <source>The checked squares {} must be a layer of polygons, not a raster.</source>
        <translation>확인한 정사각형은 래스터가 아니라 폴리곤 레이어여야 합니다: {}.</translation>
    </message>
    <message>
        <source>The corrections {} have no checked squares: give the polygons inside which they are right (checked). If the whole mask is right, give it as labels.</source>
        <translation>수정한 마스크({})만 있고 확인한 정사각형이 없습니다. 마스크가 올바른 곳을 나타내는 폴리곤을 지정하십시오(checked). 마스크 전체가 올바르면 마스크를 라벨로 지정하십시오.</translation>
    </message>
    <message>
        <source>The polygons {} have {!r} in the field {}: it must hold class values, such as 1.</source>
        <translation>{0} 폴리곤의 {2} 필드에 {1!r} 값이 있습니다. 이 필드에는 클래스 값이 있어야 합니다(예: 1).</translation>
    </message>
    <message>
        <source>The squares {} are checked, but there are no corrections: give the corrected mask, or give the squares as the labelled area (area).</source>
        <translation>확인한 정사각형({})만 있고 수정한 마스크가 없습니다. 수정한 마스크를 지정하거나, 이 정사각형을 라벨 영역(area)으로 지정하십시오.</translation>
    </message>
    <message>
        <source>There are {} corrections and {} files of checked squares: give one file for all corrections, or one for each in the same order.</source>
        <translation>수정한 마스크는 {}개인데 확인한 정사각형의 파일은 {}개입니다. 모든 마스크에 쓸 파일 하나를 지정하거나, 마스크마다 하나씩 같은 순서로 지정하십시오.</translation>
    </message>
    <message>
        <source>Tiles in which the masks differ most</source>
        <translation>학습 전후의 마스크가 가장 많이 다른 타일</translation>
    </message>
    <message>
        <source>Training tiles show them {:.1f} times as often as their area would.</source>
        <translation>학습 타일에서 이 픽셀이 나타나는 빈도는 면적 비율의 {:.1f}배입니다.</translation>
    </message>
    <message>
        <source>after</source>
        <translation>학습 후</translation>
    </message>
    <message>
        <source>another class than before</source>
        <translation>학습 전과 클래스가 다름</translation>
    </message>
    <message>
        <source>before</source>
        <translation>학습 전</translation>
    </message>
    <message>
        <source>difference</source>
        <translation>차이</translation>
    </message>
    <message>
        <source>A page is written about a single model: name one of the ensemble&apos;s.</source>
        <translation>모델 정보 페이지는 모델 하나에 대해서만 만들 수 있습니다. 앙상블의 구성 모델 중 하나를 지정하십시오.</translation>
    </message>
    <message>
        <source>Cancelled after {} of {} folds and {} epochs of the next fold: {}</source>
        <translation>폴드 {1}개 중 {0}개와 다음 폴드의 에포크 {2}개를 마치고 취소되었습니다. {3}</translation>
    </message>
    <message>
        <source>Cancelled before an epoch was finished: the folds and epochs of the earlier training are kept.</source>
        <translation>새 에포크를 마치기 전에 취소되었습니다. 이전 학습에서 마친 폴드와 에포크는 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Classes out of fold</source>
        <translation>폴드 외 클래스별 점수</translation>
    </message>
    <message>
        <source>Finished were {} of {} folds and {} epochs of the next fold: {}</source>
        <translation>폴드 {1}개 중 {0}개와 다음 폴드의 에포크 {2}개를 마쳤습니다. {3}</translation>
    </message>
    <message>
        <source>Fold {} of {}: {}</source>
        <translation>폴드 {}/{}: {}</translation>
    </message>
    <message>
        <source>Folds</source>
        <translation>폴드 수</translation>
    </message>
    <message>
        <source>Folds are for at most {} classes, and the labels have {}: leave the folds out.</source>
        <translation>폴드는 클래스가 {}개 이하일 때만 사용할 수 있지만, 라벨에 클래스가 {}개 있습니다. 폴드 없이 학습하십시오.</translation>
    </message>
    <message>
        <source>Kept from the training before.</source>
        <translation>이전 학습의 결과를 그대로 사용합니다.</translation>
    </message>
    <message>
        <source>Labelled pixels in {} folds: {}.</source>
        <translation>라벨이 있는 픽셀(폴드 {}개): {}.</translation>
    </message>
    <message>
        <source>On the pixels that it did not learn from: {}.</source>
        <translation>학습하지 않은 픽셀에서 계산한 점수: {}.</translation>
    </message>
    <message>
        <source>One model for each of {} folds.</source>
        <translation>폴드마다 모델을 하나씩 학습시킵니다(폴드 {}개).</translation>
    </message>
    <message>
        <source>Score of the fold</source>
        <translation>폴드의 점수 계산</translation>
    </message>
    <message>
        <source>Scoring the fold that the model did not see</source>
        <translation>모델이 학습하지 않은 폴드의 점수를 계산하는 중</translation>
    </message>
    <message>
        <source>The ensemble {} of {} models reaches mIoU {:.3f} on labels that its models did not see, fold by fold ({:.3f} to {:.3f}), after {} on {}.</source>
        <translation>{} 앙상블(모델 {}개)의 폴드 외 mIoU는 {:.3f}입니다(모델이 학습하지 않은 라벨, 폴드별 {:.3f}~{:.3f}). 소요 시간 {}, 장치 {}.</translation>
    </message>
    <message>
        <source>The folds</source>
        <translation>폴드별 결과</translation>
    </message>
    <message>
        <source>The folds start from {}: if it has learnt from these labels, the scores of the folds are too good, because it has seen what they hold out.</source>
        <translation>모든 폴드의 학습을 {} 모델에서 시작합니다. 이 모델이 같은 라벨로 학습되었으면 폴드마다 떼어 둔 라벨도 이미 학습한 것이므로, 폴드의 점수가 실제보다 높게 나옵니다.</translation>
    </message>
    <message>
        <source>The labelled area was divided into {} folds. Each model of the ensemble learnt from all folds but one, and is scored on that one: so every score on this page is from labels that the model had not learnt from.</source>
        <translation>라벨 영역을 폴드 {}개로 나누었습니다. 앙상블의 각 모델은 폴드 하나를 뺀 나머지로 학습했고, 점수는 빼 둔 그 폴드에서 계산했습니다. 따라서 이 페이지의 모든 점수는 모델이 학습하지 않은 라벨에서 나온 것입니다.</translation>
    </message>
    <message>
        <source>The labels fill {} of {} folds only; blocks or scenes with labels: {}. Choose fewer folds, or label each class in more places.</source>
        <translation>라벨로 채울 수 있는 폴드가 {1}개 중 {0}개뿐입니다(라벨이 있는 블록 또는 영상: {2}개). 폴드 수를 줄이거나 클래스마다 더 많은 곳에 라벨을 만드십시오.</translation>
    </message>
    <message>
        <source>The model file (.safetensors), which &quot;Segment with DualStream&quot; applies; with folds the ensemble file (.json). It needs a place of its own: a temporary file would be deleted when QGIS closes.</source>
        <translation>“DualStream으로 세그멘테이션”에서 사용할 모델 파일(.safetensors)입니다. 폴드를 사용하면 앙상블 파일(.json)입니다. 저장할 위치를 따로 지정해야 합니다. 임시 파일은 QGIS를 닫을 때 삭제됩니다.</translation>
    </message>
    <message>
        <source>With few labels, 5: the labelled area is divided into this many parts, and one model is trained for each, which learns from all parts but its own and is scored on its own. So every label is learnt from and every label is used for an honest score. The models become one ensemble, which maps a little better than one model, and shows where its models disagree; it takes as many times as long as one. The model file is then an ensemble file (.json), with the models beside it; the time in minutes is for all of them. 0: one model.</source>
        <translation>라벨이 적으면 5로 지정하십시오. 라벨 영역을 이 수만큼의 부분으로 나누고, 부분마다 모델을 하나씩 학습시킵니다. 각 모델은 자기 부분을 뺀 나머지로 학습하고, 점수는 자기 부분에서 계산합니다. 따라서 모든 라벨을 학습에 쓰면서도 모든 라벨에서 믿을 수 있는 점수를 얻습니다. 모델들은 앙상블 하나가 되며, 앙상블은 모델 하나보다 조금 더 정확하고 모델끼리 일치하지 않는 곳도 보여 줍니다. 시간은 모델 하나일 때보다 모델 수만큼 더 걸립니다(5이면 5배). 이때 모델 파일은 앙상블 파일(.json)이며, 모델은 그 옆에 저장됩니다. “학습 시간 (분)”은 모든 모델을 합한 시간입니다. 0: 모델 하나.</translation>
    </message>
    <message>
        <source>With folds the output is an ensemble file, which names its models: give a name that ends in .json, such as {}, not {}.</source>
        <translation>폴드를 사용하면 산출물은 구성 모델을 적은 앙상블 파일입니다. .json으로 끝나는 이름을 지정하십시오(예: {}, 지정한 이름: {}).</translation>
    </message>
    <message>
        <source>ensemble file</source>
        <translation>앙상블 파일</translation>
    </message>
    <message>
        <source>labelled pixels scored</source>
        <translation>점수를 계산한 라벨 픽셀</translation>
    </message>
    <message>
        <source>mIoU out of fold</source>
        <translation>폴드 외 mIoU</translation>
    </message>
    <message>
        <source>model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>models</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>of {} labelled pixels scored</source>
        <translation>점수를 계산한 픽셀 (라벨이 있는 픽셀 {}개 중)</translation>
    </message>
    <message>
        <source>out of fold, on labels that the models did not see: {}</source>
        <translation>폴드 외 점수(모델이 학습하지 않은 라벨): {}</translation>
    </message>
    <message>
        <source>{:,} labelled pixels are in no fold, because a class occurs there only: every model learns from them, and none is scored on them.</source>
        <translation>라벨이 있는 픽셀 {:,}개는 어떤 클래스가 그곳에만 있어 어느 폴드에도 넣지 않았습니다. 모든 모델이 이 픽셀로 학습하며, 이 픽셀에서는 점수를 계산하지 않습니다.</translation>
    </message>
    <message>
        <source>{} model</source>
        <translation>모델 {}개</translation>
    </message>
    <message>
        <source>{} models</source>
        <translation>모델 {}개</translation>
    </message>
    <message>
        <source>{} with the weight {:g}</source>
        <translation>{} (가중치 {:g})</translation>
    </message>
    <message>
        <source>{}: an ensemble of {}, combined by {}</source>
        <translation>{}: {}로 이루어진 앙상블, 결합 방식 {}</translation>
    </message>
    <message>
        <source>Cancelled after the installation: the engine is installed and in use, but it was not checked on this computer. Run Check the installation to do that.</source>
        <translation>설치가 끝난 뒤 취소되었습니다. 엔진은 설치되어 사용 중이지만, 이 컴퓨터에서 아직 확인하지 않았습니다. 확인하려면 “설치 확인”을 실행하십시오.</translation>
    </message>
    <message>
        <source>Name another Python there, which has the packages of engine/requirements.txt, or none: then DualStream uses the one that Set up DualStream installs.</source>
        <translation>그곳에 engine/requirements.txt의 패키지가 있는 다른 파이썬을 지정하거나 비워두십시오. 비워두면 “DualStream 환경 설치”로 설치한 파이썬을 사용합니다.</translation>
    </message>
    <message>
        <source>The packages are complete, but uv has no download of Python {} for the other computer. Choose another version as Python of the other computer and run this again: what was downloaded is kept.</source>
        <translation>패키지는 모두 다운로드했지만, uv에서 다른 컴퓨터용 파이썬 {} 버전을 제공하지 않습니다. “다른 컴퓨터의 파이썬”에서 다른 버전을 선택하고 다시 실행하십시오. 이미 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Give the auxiliary rasters, or confirm &quot;Without the second stream&quot;{}: the mask is then made from the image alone, which is less accurate.</source>
        <translation>보조 래스터를 지정하거나 “두 번째 스트림 없이 실행”{}에 체크하십시오. 체크하면 마스크가 영상만으로 만들어지므로 정확도가 떨어집니다.</translation>
    </message>
    <message>
        <source>Run Make sample data first: it loads the scene that this model maps.</source>
        <translation>먼저 “예제 데이터 만들기”를 실행하십시오. 이 모델로 세그멘테이션할 영상을 불러옵니다.</translation>
    </message>
    <message>
        <source>{} has pixels of {:.3g} m, {} was trained on {:.3g} m: that is more than {:g} times apart. Choose another model, or switch &quot;Match the ground resolution&quot;{} off to segment pixel by pixel all the same.</source>
        <translation>{} 영상의 픽셀 크기는 {:.3g} m이고, {} 모델은 픽셀 크기 {:.3g} m에서 학습되었습니다. 차이가 {:g}배를 넘습니다. 다른 모델을 선택하거나, 그대로 픽셀 단위로 세그멘테이션하려면 “지상 해상도 맞추기”{}를 끄십시오.</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A mask of any size, or any raster whose values are classes.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; Each area of pixels that share sides becomes one polygon with its class, name, area in square metres (area_m2), number of pixels and, with a confidence raster, mean confidence in percent. The GeoPackage contains a style with the classes&apos; colours.&lt;/p&gt;&lt;p&gt;Touching objects are split first, if you choose so. Then holes are filled, and small polygons left out, both by the area of their pixels. Last, outlines are simplified or made right-angled, as long as the area of each changes by no more than a fifth; area_m2 is the area of the final outline. Areas and distances are measured on the ground, for masks in degrees too; for a mask without a coordinate system they are in pixels. If there is no polygon, the layer is empty.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; With the sample data: as Mask the one that &lt;i&gt;Segment with DualStream&lt;/i&gt; made of &lt;i&gt;unseen/image.tif&lt;/i&gt;, Minimum area &lt;i&gt;10000&lt;/i&gt;, Simplify &lt;i&gt;20&lt;/i&gt;, then Run. For buildings tick Split touching objects, with the confidence raster, and Right angles instead.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 마스크(크기 제한 없음) 또는 값이 클래스인 래스터가 필요합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 변을 공유하는 픽셀의 영역마다 폴리곤 하나를 만들고 클래스, 이름, 면적(m², area_m2), 픽셀 수를 저장합니다. 신뢰도 래스터가 있으면 평균 신뢰도(%)도 저장합니다. GeoPackage에는 클래스 색상을 사용하는 스타일이 들어 있습니다.&lt;/p&gt;&lt;p&gt;“맞닿은 객체 나누기”를 체크하면 먼저 맞닿은 객체를 나눕니다. 그다음에 홀을 채우고 작은 폴리곤을 제외하며, 둘 다 픽셀의 면적을 기준으로 합니다. 마지막으로 외곽선을 단순화하거나 직각으로 정리하되, 폴리곤마다 면적이 1/5 넘게 바뀌지 않게 합니다. area_m2는 최종 외곽선의 면적입니다. 면적과 거리는 마스크가 경위도 좌표계여도 지상 기준으로 측정하며, 좌표계가 없는 마스크에서는 픽셀 단위입니다. 폴리곤이 없으면 레이어가 비어 있습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 예제 데이터를 사용하는 경우: 마스크에 &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;에서 &lt;i&gt;unseen/image.tif&lt;/i&gt; 영상으로 만든 마스크, 최소 면적에 &lt;i&gt;10000&lt;/i&gt;, 단순화 최대 거리에 &lt;i&gt;20&lt;/i&gt;을 지정하고 실행을 클릭합니다. 건물이면 신뢰도 래스터를 지정하고 “맞닿은 객체 나누기”를 체크하며, 단순화 대신 “직각으로 정리”를 체크합니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; An image of any size or several, and a model that was trained on the labels so far; without a model it finds the squares to begin with. Labels that exist already are optional: squares that touch them are left out, and so are checked squares.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A layer of squares, or of points to mark with a click, with their rank, the best first, and the reason. &lt;i&gt;uncertain&lt;/i&gt;: the model sees several classes in the square, or is unsure of it; of a point it is unsure. Classes that its validation found hard count more. &lt;i&gt;rare class&lt;/i&gt;: it sees much of a class that is rare in the labels. &lt;i&gt;unlike anything labelled&lt;/i&gt;: the place is unlike the training of the model, however sure it is; without a model, it looks different from all that is labelled. Other fields: the score (the reason&apos;s measure times how different the square looks from all that is labelled or ranked before it, 0 to 1), the mean uncertainty from 0 (sure) to 1 (a guess), the percent of each class that the model sees, the image where there are several, and checked, for you to tick when a square is labelled. The squares differ from each other, so that you do not label the same roof ten times.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Model &lt;i&gt;buildings.safetensors&lt;/i&gt;, Image &lt;i&gt;town.tif&lt;/i&gt;, Labels &lt;i&gt;buildings.gpkg&lt;/i&gt;, then Run. Label the first squares wholly, train again with the new labels and the old ones, and ask again.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 영상 하나 또는 여러 개(크기 제한 없음)와, 지금까지 만든 라벨로 학습한 모델이 필요합니다. 모델이 없으면 처음 라벨을 만들기 좋은 정사각형을 찾습니다. 이미 만든 라벨이 있으면 함께 지정할 수 있으며, 라벨과 겹치는 정사각형은 제외합니다. 확인한 정사각형도 제외합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 정사각형 레이어 또는 클릭으로 표시할 점 레이어이며, 가장 좋은 것부터 매긴 순위(rank)와 선택한 이유(reason)가 들어 있습니다. &lt;i&gt;uncertain&lt;/i&gt;: 모델이 여러 클래스를 찾았거나 확신하지 못하는 정사각형입니다. 점이면 모델이 확신하지 못하는 곳입니다. 검증에서 어려웠던 클래스일수록 더 크게 반영합니다. &lt;i&gt;rare class&lt;/i&gt;: 라벨에 드물게 있는 클래스를 모델이 많이 찾은 곳입니다. &lt;i&gt;unlike anything labelled&lt;/i&gt;: 모델이 확신하더라도 모델의 학습 지역과 다른 곳입니다. 모델이 없으면 라벨이 있는 어느 곳과도 다르게 보이는 곳입니다. 그 밖의 필드는 점수(score: 선택한 이유를 나타내는 값에, 라벨이 있는 곳이나 순위가 앞선 정사각형과 다르게 보이는 정도를 곱한 값, 0에서 1까지), 0(확실함)에서 1(추측에 가까움)까지의 평균 불확실성(uncertainty), 모델이 예측한 클래스별 비율(%), 영상이 여러 개이면 해당 영상(image), 라벨을 다 만든 뒤 체크하는 checked입니다. 서로 다른 정사각형을 고르므로, 같은 지붕에 열 번씩 라벨을 만들 일이 없습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 모델에 &lt;i&gt;buildings.safetensors&lt;/i&gt; 파일, 영상에 &lt;i&gt;town.tif&lt;/i&gt; 파일, 라벨에 &lt;i&gt;buildings.gpkg&lt;/i&gt; 파일을 지정하고 실행을 클릭합니다. 순위가 앞선 정사각형부터 그 안의 라벨을 빠짐없이 만들고, 새 라벨과 기존 라벨로 다시 학습시킨 다음 이 알고리즘을 다시 실행합니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>A square of {} x {} px does not fit into the {} x {} px of the image {} where squares may lie: give a smaller size, or a larger extent or area.</source>
        <translation>{0} x {1} px 정사각형이 들어가지 않습니다. {4} 영상에서 정사각형을 둘 수 있는 부분은 {2} x {3} px입니다. 크기를 더 작게 지정하거나 범위 또는 영역을 더 넓게 지정하십시오.</translation>
    </message>
    <message>
        <source>A training starts from one model, and {} is an ensemble file: give one of its models, such as {}.</source>
        <translation>학습은 모델 하나에서 시작하는데, {} 파일은 앙상블 파일입니다. 앙상블의 구성 모델 중 하나를 지정하십시오(예: {}).</translation>
    </message>
    <message>
        <source>All checked squares are in blocks that are held out for validation: the training does not learn from them. Correct and check squares in other places too.</source>
        <translation>확인한 정사각형이 모두 검증용으로 떼어 둔 블록에 있어 학습에 쓰이지 않습니다. 다른 곳에서도 마스크를 수정하고 정사각형을 확인하십시오.</translation>
    </message>
    <message>
        <source>An ONNX network cannot be trained: choose another network, such as {}.</source>
        <translation>ONNX 신경망은 학습시킬 수 없습니다. 다른 신경망 구조를 선택하십시오(예: {}).</translation>
    </message>
    <message>
        <source>An ONNX network is not built here: import it from its file (import, weights).</source>
        <translation>ONNX 신경망은 여기에서 만들 수 없습니다. 신경망 파일에서 가져오십시오(import 명령, weights 옵션).</translation>
    </message>
    <message>
        <source>An ONNX network runs with {}, not with {}: use the runtime auto.</source>
        <translation>ONNX 신경망에 사용할 수 있는 런타임은 {}입니다(지정한 값: {}). 런타임 auto를 사용하십시오.</translation>
    </message>
    <message>
        <source>As ONNX the network {} gives other classes than its probabilities say: it is not used. Please report this with the model&apos;s card.</source>
        <translation>ONNX로 변환한 {} 신경망의 클래스가 확률과 일치하지 않아 사용하지 않습니다. “모델 정보”의 내용과 함께 이 문제를 보고하십시오.</translation>
    </message>
    <message>
        <source>Auxiliary tile size in pixels</source>
        <translation>보조 래스터의 타일 크기 (픽셀)</translation>
    </message>
    <message>
        <source>Bands, scaling, classes and threshold are those of its metadata.</source>
        <translation>밴드, 픽셀 값 정규화, 클래스, 임계값은 신경망의 메타데이터에 있는 값입니다.</translation>
    </message>
    <message>
        <source>Choose a file of weights</source>
        <translation>가중치 파일 선택</translation>
    </message>
    <message>
        <source>Class map as second output of the ONNX file</source>
        <translation>ONNX 파일의 두 번째 출력으로 클래스 맵 추가</translation>
    </message>
    <message>
        <source>Corrected pixels among them: {:,}.</source>
        <translation>이 가운데 수정한 픽셀: {:,}.</translation>
    </message>
    <message>
        <source>Export model</source>
        <translation>모델 내보내기</translation>
    </message>
    <message>
        <source>File to write</source>
        <translation>저장할 파일</translation>
    </message>
    <message>
        <source>Finding touching objects</source>
        <translation>맞닿은 객체를 찾는 중</translation>
    </message>
    <message>
        <source>Finds the squares of an image, or of several, from which a model would learn most.</source>
        <translation>영상 하나 또는 여러 개에서 모델 학습에 가장 도움이 될 정사각형을 찾습니다.</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>폴더…</translation>
    </message>
    <message>
        <source>In 16 bits the network {} gives other classes, on {:.2g} % of random pixels: export it in fp32.</source>
        <translation>16비트에서는 {} 신경망의 클래스가 무작위 픽셀의 {:.2g}%에서 달라집니다. fp32로 내보내십시오.</translation>
    </message>
    <message>
        <source>Input of an ONNX network for the image</source>
        <translation>ONNX 신경망의 영상 입력</translation>
    </message>
    <message>
        <source>It computes in 16 bits: its logits differ by at most {:.2g} from those in 32 bits.</source>
        <translation>16비트로 계산합니다. 로짓이 32비트일 때와 최대 {:.2g}만큼 다릅니다.</translation>
    </message>
    <message>
        <source>It has two outputs, probabilities and classes: the QGIS plugin Deepness takes files of one output only.</source>
        <translation>출력이 확률과 클래스 두 개입니다. QGIS의 Deepness 플러그인에서는 출력이 하나인 파일만 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>It took {}.</source>
        <translation>소요 시간: {}.</translation>
    </message>
    <message>
        <source>Licence of the model, for a card</source>
        <translation>모델 카드에 적을 라이선스</translation>
    </message>
    <message>
        <source>Makes a model file from what another program trained: weights of CMX, SegFormer or segmentation-models-pytorch, or an ONNX network.</source>
        <translation>다른 프로그램에서 학습한 결과를 모델 파일로 변환합니다: CMX, SegFormer, segmentation-models-pytorch의 가중치 또는 ONNX 신경망.</translation>
    </message>
    <message>
        <source>Markdown files</source>
        <translation>Markdown 파일</translation>
    </message>
    <message>
        <source>Mean of each auxiliary band</source>
        <translation>보조 밴드별 평균</translation>
    </message>
    <message>
        <source>Name of the input that takes the image, if the network has two. Empty: image, or the first one.</source>
        <translation>신경망에 입력이 두 개 있을 때 영상을 받는 입력의 이름입니다. 비워두면 image 또는 첫 번째 입력을 사용합니다.</translation>
    </message>
    <message>
        <source>Name of the output to use. Empty: probabilities, or the first one.</source>
        <translation>사용할 출력의 이름입니다. 비워두면 probabilities, 없으면 첫 번째 출력을 사용합니다.</translation>
    </message>
    <message>
        <source>No square of {} is left to label: all hold labelled pixels or lie outside of the area. Give a smaller size, another extent or another area; if a class of the labels means unlabelled, ignore it.</source>
        <translation>{} 영상에 라벨을 만들 정사각형이 없습니다. 모두 라벨이 있는 픽셀과 겹치거나 영역 밖에 있습니다. 크기를 더 작게 지정하거나 다른 범위 또는 다른 영역을 지정하십시오. 라벨에 라벨이 없음을 뜻하는 클래스가 있으면 무시할 클래스로 지정하십시오.</translation>
    </message>
    <message>
        <source>No square of {} is left to label: less than half of the pixels of each has data. Give a smaller size or another extent.</source>
        <translation>{} 영상에 라벨을 만들 정사각형이 없습니다. 모든 정사각형에서 데이터가 있는 픽셀이 절반 미만입니다. 크기를 더 작게 지정하거나 다른 범위를 지정하십시오.</translation>
    </message>
    <message>
        <source>No square of {} lies inside the area {} with half of its pixels: give a smaller size or another area.</source>
        <translation>{} 영상에는 픽셀의 절반 이상이 {} 영역 안에 있는 정사각형이 없습니다. 크기를 더 작게 지정하거나 다른 영역을 지정하십시오.</translation>
    </message>
    <message>
        <source>Not with imagenet: the value by which each band was divided, as a share of the largest pixel value.</source>
        <translation>imagenet에서는 사용하지 않습니다. 각 밴드를 나눈 값을 최대 픽셀 값에 대한 비율로 입력합니다.</translation>
    </message>
    <message>
        <source>Not with imagenet: the value that was subtracted from each band, as a share of the largest pixel value, separated by commas, such as 0.5,0.5,0.5.</source>
        <translation>imagenet에서는 사용하지 않습니다. 각 밴드에서 뺀 값을 최대 픽셀 값에 대한 비율로, 쉼표로 구분하여 입력합니다(예: 0.5,0.5,0.5).</translation>
    </message>
    <message>
        <source>ONNX Runtime cannot run the network {}: {}.</source>
        <translation>ONNX Runtime에서 {} 신경망을 실행할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>ONNX network</source>
        <translation>ONNX 신경망</translation>
    </message>
    <message>
        <source>ONNX,export,convert,model,network,Deepness,onnxruntime,deployment,inference,STAC,MLM,catalogue,card,hub</source>
        <translation>ONNX,export,convert,model,network,Deepness,onnxruntime,deployment,inference,STAC,MLM,catalogue,card,hub,내보내기,변환,모델,추론,딥러닝,신경망,카탈로그,모델 카드,허브</translation>
    </message>
    <message>
        <source>Only for CMX and ONNX networks with two inputs: as the mean, for the bands of the second stream. For CMX one value: a single band, which the network got several times, as of near infrared; empty: with imagenet the same as for the image.</source>
        <translation>CMX와, 입력이 두 개인 ONNX 신경망에만 사용합니다. “밴드별 평균”과 같은 방식으로 두 번째 스트림의 밴드에 대해 입력합니다. CMX에서 값이 하나이면, 근적외선처럼 단일 밴드 하나를 신경망에 여러 번 입력한 것으로 봅니다. 비워두면 imagenet에서는 영상과 같은 값을 사용합니다.</translation>
    </message>
    <message>
        <source>Only for CMX and ONNX networks with two inputs: as the standard deviation, for the bands of the second stream.</source>
        <translation>CMX와, 입력이 두 개인 ONNX 신경망에만 사용합니다. “밴드별 표준 편차”와 같은 방식으로 두 번째 스트림의 밴드에 대해 입력합니다.</translation>
    </message>
    <message>
        <source>Only for an ONNX network whose second input takes tiles of any size: side of its tile. Not set: that of the image&apos;s tile.</source>
        <translation>두 번째 입력의 타일 크기에 제한이 없는 ONNX 신경망에만 사용합니다. 두 번째 입력에 쓸 타일의 한 변 길이입니다. 설정되지 않음: 영상 타일의 한 변 길이.</translation>
    </message>
    <message>
        <source>Only {} of {} squares are left to label: for more, give a smaller size, or a larger extent or area.</source>
        <translation>라벨을 만들 정사각형이 {}개뿐입니다(지정한 수: {}개). 더 필요하면 크기를 더 작게 지정하거나 범위 또는 영역을 더 넓게 지정하십시오.</translation>
    </message>
    <message>
        <source>Order of axes of an ONNX network</source>
        <translation>ONNX 신경망의 축 순서</translation>
    </message>
    <message>
        <source>Output of an ONNX network</source>
        <translation>ONNX 신경망의 출력</translation>
    </message>
    <message>
        <source>Precision of the ONNX file</source>
        <translation>ONNX 파일의 계산 정밀도</translation>
    </message>
    <message>
        <source>Reading {}</source>
        <translation>{} 파일을 읽는 중</translation>
    </message>
    <message>
        <source>STAC items</source>
        <translation>STAC 항목</translation>
    </message>
    <message>
        <source>Split necks narrower than (percent)</source>
        <translation>나눌 잘록한 부분의 최대 너비 (%)</translation>
    </message>
    <message>
        <source>Split touching objects</source>
        <translation>맞닿은 객체 나누기</translation>
    </message>
    <message>
        <source>Squares that are labelled or corrected already, such as the layers of &lt;i&gt;Where to label next&lt;/i&gt; so far: those whose field &lt;i&gt;checked&lt;/i&gt; is true, or all polygons of a layer without that field. Squares that touch them are left out.</source>
        <translation>이미 라벨을 만들었거나 수정한 정사각형입니다(예: 지금까지 만든 &lt;i&gt;다음 라벨링 위치&lt;/i&gt;의 레이어). &lt;i&gt;checked&lt;/i&gt; 필드가 true인 폴리곤만 사용하며, 이 필드가 없는 레이어에서는 모든 폴리곤을 사용합니다. 이 폴리곤과 겹치는 정사각형은 제외합니다.</translation>
    </message>
    <message>
        <source>Standard deviation of each auxiliary band</source>
        <translation>보조 밴드별 표준 편차</translation>
    </message>
    <message>
        <source>The corrected masks count inside the checked squares only: give these, or leave the masks out.</source>
        <translation>수정한 마스크는 확인한 정사각형 안에서만 사용합니다. 확인한 정사각형을 지정하거나 수정한 마스크를 빼십시오.</translation>
    </message>
    <message>
        <source>The file {} does not say how pixels were scaled: give the normalisation imagenet or none, or mean and std of every band in shares of maximum.</source>
        <translation>{} 파일에 픽셀 값을 정규화한 방식이 없습니다. normalisation에 imagenet 또는 none을 지정하거나, 모든 밴드의 mean과 std를 maximum에 대한 비율로 지정하십시오.</translation>
    </message>
    <message>
        <source>The file {} has the ONNX network of {}, with its scaling and the probabilities.</source>
        <translation>{} 파일에 {} 모델의 ONNX 신경망을 저장했습니다. 픽셀 값 정규화와 확률 계산이 포함되어 있습니다.</translation>
    </message>
    <message>
        <source>The folder {} holds no SegFormer that can be imported ({}): save it with save_pretrained of SegformerForSemanticSegmentation.</source>
        <translation>{} 폴더에 가져올 수 있는 SegFormer가 없습니다({}). SegformerForSemanticSegmentation의 save_pretrained로 저장하십시오.</translation>
    </message>
    <message>
        <source>The heads {} of the encoder {} do not divide its channels {}.</source>
        <translation>{1} 인코더의 채널 수가 헤드 수로 나누어떨어지지 않습니다: 채널 {2}, 헤드 {0}.</translation>
    </message>
    <message>
        <source>The ignored classes belong to labels: give them, or leave it empty.</source>
        <translation>무시할 클래스는 라벨과 함께 지정해야 합니다. 라벨을 지정하거나 무시할 클래스를 비워두십시오.</translation>
    </message>
    <message>
        <source>The image to label, with the bands of the model; or several of the same bands, such as the tiles of a town: the squares are chosen among all of them. In scripts a folder stands for all rasters in it.</source>
        <translation>라벨을 만들 영상입니다. 모델 학습에 쓰인 밴드가 있어야 합니다. 밴드가 같은 영상을 여러 개 지정할 수도 있으며(예: 한 도시의 타일), 그러면 모든 영상을 통틀어 정사각형을 고릅니다. 스크립트에서 폴더를 지정하면 그 안의 모든 래스터를 뜻합니다.</translation>
    </message>
    <message>
        <source>The images {} and {} cannot be in one layer: one of the two names no coordinate system. Assign the right one, or give them in two runs.</source>
        <translation>{} 영상과 {} 영상을 한 레이어에서 함께 다룰 수 없습니다. 둘 중 하나에만 좌표계가 있습니다. 올바른 좌표계를 지정하거나 두 번에 나누어 실행하십시오.</translation>
    </message>
    <message>
        <source>The images {} and {} have no coordinates, so checked squares of one would count in both: give one image at a time.</source>
        <translation>{} 영상과 {} 영상에 좌표가 없어, 한 영상의 확인한 정사각형이 두 영상에 모두 적용됩니다. 영상을 한 번에 하나씩 지정하십시오.</translation>
    </message>
    <message>
        <source>The input {} of the network {} has {} axes ({}): tiles have four, for number, bands, rows and columns.</source>
        <translation>{1} 신경망의 {0} 입력에 축이 {2}개 있습니다({3}). 타일의 축은 개수, 밴드, 행, 열의 4개여야 합니다.</translation>
    </message>
    <message>
        <source>The input {} of the network {} takes tiles of {} x {} px: they must be square, of {} px at most.</source>
        <translation>{1} 신경망의 {0} 입력은 {2} x {3} px 타일을 받습니다. 타일은 정사각형이고 한 변이 {4} px 이하여야 합니다.</translation>
    </message>
    <message>
        <source>The input {} of the network {} takes values of the type {}: pixels are numbers with a fraction, or bytes.</source>
        <translation>{1} 신경망의 {0} 입력은 값의 데이터 유형이 {2}입니다. 픽셀 값은 실수 또는 바이트여야 합니다.</translation>
    </message>
    <message>
        <source>The input {} of the network {} takes {} bands, more than {}: give layout.</source>
        <translation>{1} 신경망의 {0} 입력은 밴드 {2}개를 받습니다. 밴드는 {3}개 이하여야 합니다. layout을 지정하십시오.</translation>
    </message>
    <message>
        <source>The layer {} has {} to label next, of {:,} possible ones on {} images.</source>
        <translation>{0} 레이어에 다음에 라벨을 만들 {1}를 저장했습니다(영상 {3}개, 후보 {2:,}개).</translation>
    </message>
    <message>
        <source>The layer {} has {} to label next, of {:,} possible ones.</source>
        <translation>{} 레이어에 다음에 라벨을 만들 {}를 저장했습니다(후보 {:,}개).</translation>
    </message>
    <message>
        <source>The metadata of {} are damaged: {}.</source>
        <translation>{} 파일의 메타데이터가 손상되었습니다: {}.</translation>
    </message>
    <message>
        <source>In all of them the model is unsure or sees several classes, and they differ from each other.</source>
        <translation>모두 모델이 확신하지 못하거나 여러 클래스를 찾은 곳이며, 서로 다른 곳입니다.</translation>
    </message>
    <message>
        <source>In {} the model is unsure or sees several classes, in {} it sees a rare class, and {} are unlike anything labelled.</source>
        <translation>모델이 확신하지 못하거나 여러 클래스를 찾은 곳 {}개, 드문 클래스를 찾은 곳 {}개, 라벨이 있는 어느 곳과도 다른 곳 {}개입니다.</translation>
    </message>
    <message>
        <source>The model to start from may have learnt from {:,} labelled pixels that are held out now: its score before the first epoch is too good. Keep tile size, validation share and the split of the scenes for a fair comparison.</source>
        <translation>학습을 시작할 기존 모델이 이번에 검증용으로 떼어 둔 라벨 픽셀 {:,}개를 이미 학습했을 수 있어, 첫 에포크 전의 점수가 실제보다 높게 나옵니다. 공정하게 비교하려면 타일 크기, 검증용 비율, 영상의 학습용과 검증용 구분을 그대로 유지하십시오.</translation>
    </message>
    <message>
        <source>The model to start from, {}, is an ONNX network, which cannot be trained further: train without start, or start from a model that was trained here.</source>
        <translation>학습을 시작할 {} 모델은 ONNX 신경망이어서 이어서 학습시킬 수 없습니다. start 없이 학습하거나 DualStream으로 학습한 모델에서 시작하십시오.</translation>
    </message>
    <message>
        <source>The model {} is an ONNX network already: leave precision and class_map out.</source>
        <translation>{} 모델은 이미 ONNX 신경망입니다. precision과 class_map 옵션을 빼십시오.</translation>
    </message>
    <message>
        <source>The model {} is the ONNX network {} with {} and tiles of {} px, which gives {}; its classes are {}. It segments like any other model, and cannot be trained further.</source>
        <translation>{} 모델은 {} ONNX 신경망입니다({}, 타일 {} px, 출력 {}). 클래스: {}. 다른 모델과 똑같이 세그멘테이션에 사용할 수 있지만, 이어서 학습시킬 수는 없습니다.</translation>
    </message>
    <message>
        <source>The network applies the threshold itself and gives class values as masks have them, beside the probabilities. The plugin Deepness cannot use such a file.</source>
        <translation>신경망이 임계값을 직접 적용하여, 확률과 함께 마스크와 같은 클래스 값을 냅니다. Deepness 플러그인에서는 이런 파일을 사용할 수 없습니다.</translation>
    </message>
    <message>
        <source>The network in {} has {}, and its card describes {}: the file was changed.</source>
        <translation>{} 파일의 신경망은 {}인데, 모델 카드에는 {}(으)로 적혀 있습니다. 파일이 변경되었습니다.</translation>
    </message>
    <message>
        <source>The network in {} is damaged: {}.</source>
        <translation>{} 파일의 신경망이 손상되었습니다: {}.</translation>
    </message>
    <message>
        <source>The network {} cannot be written in 16 bits ({}): export it in fp32.</source>
        <translation>{} 신경망을 16비트로 저장할 수 없습니다({}). fp32로 내보내십시오.</translation>
    </message>
    <message>
        <source>The network {} has no input {} (image_input): its inputs are {}.</source>
        <translation>{} 신경망에 {} 입력이 없습니다(image_input). 사용할 수 있는 입력: {}.</translation>
    </message>
    <message>
        <source>The network {} has no output {} (graph_output): its outputs are {}.</source>
        <translation>{} 신경망에 {} 출력이 없습니다(graph_output). 신경망의 출력: {}.</translation>
    </message>
    <message>
        <source>The network {} has two inputs: give auxiliary_mean and auxiliary_std of every band of the second one, in shares of maximum, as mean and std.</source>
        <translation>{} 신경망에는 입력이 두 개 있습니다. 두 번째 입력의 모든 밴드에 대해 auxiliary_mean과 auxiliary_std를 mean, std처럼 maximum에 대한 비율로 지정하십시오.</translation>
    </message>
    <message>
        <source>The network {} has {} inputs ({}): one for the image, and optionally one for auxiliary rasters, can be used.</source>
        <translation>{} 신경망에 입력이 {}개 있습니다({}). 영상을 받는 입력 하나와, 필요하면 보조 래스터를 받는 입력 하나만 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>The network {} has {}, and {} given: name {} with class_names, each as value=name, such as 0=background.</source>
        <translation>{} 신경망이 내는 것은 {}인데, 지정한 것은 {}입니다. class_names에 {}의 이름을 각각 value=name 형식으로 지정하십시오(예: 0=background).</translation>
    </message>
    <message>
        <source>The network {} is a {} by its metadata, and only a {} gives masks.</source>
        <translation>{} 신경망의 메타데이터에 적힌 유형은 {}입니다. {} 유형의 신경망만 마스크를 만들 수 있습니다.</translation>
    </message>
    <message>
        <source>The network {} must name an encoder and a width, such as segformer:mit-b2:768.</source>
        <translation>{} 신경망: 인코더와 너비를 함께 지정해야 합니다(예: segformer:mit-b2:768).</translation>
    </message>
    <message>
        <source>The network {} takes tiles of {} px, not {}: leave the tile size out.</source>
        <translation>{} 신경망은 {} px 타일을 받습니다(지정한 값: {}). 타일 크기를 빼십시오.</translation>
    </message>
    <message>
        <source>The option licence is about cards: leave it out for an ONNX file.</source>
        <translation>licence 옵션은 모델 카드에만 해당합니다. ONNX 파일이면 빼십시오.</translation>
    </message>
    <message>
        <source>The option {} is missing: import needs weights and output.</source>
        <translation>옵션이 없습니다: {}. import 명령에는 weights와 output을 지정해야 합니다.</translation>
    </message>
    <message>
        <source>The options precision and class_map are about ONNX files: leave them out.</source>
        <translation>precision과 class_map 옵션은 ONNX 파일에만 해당합니다. 두 옵션을 빼십시오.</translation>
    </message>
    <message>
        <source>The output {} of the network {} is {} for a tile of {} px: a map of the tile is needed, with a channel for each class, or with one. Give graph_output if another output is meant.</source>
        <translation>{1} 신경망의 {0} 출력은 {3} px 타일에 대해 크기가 {2}입니다. 출력은 타일의 맵이어야 하고, 채널은 클래스마다 하나씩이거나 모두 하나여야 합니다. 다른 출력을 사용하려면 graph_output을 지정하십시오.</translation>
    </message>
    <message>
        <source>The part of the image {} where squares may lie is only {} px wide or high, and a square has at least {} x {} px: give a larger extent or area, or another image.</source>
        <translation>{} 영상에서 정사각형을 둘 수 있는 부분의 너비나 높이가 {} px밖에 되지 않지만, 정사각형은 {} x {} px 이상이어야 합니다. 범위나 영역을 더 넓게 지정하거나 다른 영상을 지정하십시오.</translation>
    </message>
    <message>
        <source>The tile size must be from {} to {} px, not {}.</source>
        <translation>타일 크기는 {}에서 {} px 사이여야 합니다(지정한 값: {}).</translation>
    </message>
    <message>
        <source>The weights do not say how the auxiliary bands were normalised: give auxiliary_mean and auxiliary_std of each of the {} in shares of maximum, or one value for a single band.</source>
        <translation>가중치에 보조 밴드를 정규화한 방식이 없습니다. 보조 밴드 {}개 각각의 auxiliary_mean과 auxiliary_std를 maximum에 대한 비율로 지정하십시오. 단일 밴드이면 값을 하나만 지정하십시오.</translation>
    </message>
    <message>
        <source>The weights {} are not those of {}: their names are {}. Leave the architecture out for CMX and SegFormer, and name another network as smp:Architecture:encoder.</source>
        <translation>{} 가중치는 {} 신경망의 가중치가 아닙니다. 가중치의 이름: {}. CMX와 SegFormer이면 신경망 구조를 지정하지 말고, 다른 신경망이면 smp:Architecture:encoder 형식으로 지정하십시오.</translation>
    </message>
    <message>
        <source>The weights {} are those of the network {}, not {}: leave the architecture out.</source>
        <translation>{} 가중치는 {} 신경망의 가중치이며, {} 신경망의 가중치가 아닙니다. 신경망 구조를 지정하지 마십시오.</translation>
    </message>
    <message>
        <source>The weights {} have names of CMX, but do not fit its network with the decoder&apos;s width of 512 ({}): take a checkpoint of CMX with its MLP decoder.</source>
        <translation>{} 가중치에는 CMX의 이름이 들어 있지만, 디코더 폭이 512인 CMX 신경망과 맞지 않습니다({}). MLP 디코더를 사용하는 CMX 체크포인트를 사용하십시오.</translation>
    </message>
    <message>
        <source>There are no labels: give them, or leave out class_field.</source>
        <translation>라벨이 없습니다. labels를 지정하거나 class_field를 빼십시오.</translation>
    </message>
    <message>
        <source>There are no labels: give them, or leave out labelled_area and ignore.</source>
        <translation>라벨이 없습니다. labels를 지정하거나 labelled_area와 ignore를 빼십시오.</translation>
    </message>
    <message>
        <source>There is no ONNX file {}.</source>
        <translation>ONNX 파일이 없습니다: {}.</translation>
    </message>
    <message>
        <source>There is no {} {!r}: it is one of {}.</source>
        <translation>{} 값이 유효하지 않습니다: {!r}. 사용할 수 있는 값: {}.</translation>
    </message>
    <message>
        <source>They are unlike each other and unlike what is labelled.</source>
        <translation>서로 다르고, 라벨이 있는 곳과도 다른 곳입니다.</translation>
    </message>
    <message>
        <source>They are unlike each other.</source>
        <translation>서로 다른 곳입니다.</translation>
    </message>
    <message>
        <source>Trying the network on random tiles</source>
        <translation>무작위 타일로 신경망을 시험하는 중</translation>
    </message>
    <message>
        <source>Weights (file or folder)</source>
        <translation>가중치 (파일 또는 폴더)</translation>
    </message>
    <message>
        <source>Weights and networks</source>
        <translation>가중치와 신경망</translation>
    </message>
    <message>
        <source>What an ONNX network gives</source>
        <translation>ONNX 신경망 출력 값의 종류</translation>
    </message>
    <message>
        <source>What to write</source>
        <translation>저장할 파일 종류</translation>
    </message>
    <message>
        <source>What was not given is taken from its metadata for Deepness.</source>
        <translation>지정하지 않은 값은 신경망의 Deepness용 메타데이터에서 가져왔습니다.</translation>
    </message>
    <message>
        <source>Where to label next on {} images</source>
        <translation>영상 {}개의 다음 라벨링 위치</translation>
    </message>
    <message>
        <source>With Split touching objects: two parts of an area are objects of their own if what joins them is narrower than this percentage of the narrower part&apos;s width. Lower it if houses are cut to pieces, raise it if houses hang together.</source>
        <translation>“맞닿은 객체 나누기”를 체크했을 때 사용합니다. 한 영역의 두 부분을 잇는 곳의 너비가 더 좁은 부분의 너비에 대해 이 비율(%)보다 작으면 두 부분을 별개의 객체로 봅니다. 집이 조각나면 값을 낮추고, 집들이 붙어 있으면 값을 높이십시오.</translation>
    </message>
    <message>
        <source>Writes a model as an ONNX file for other programs, such as the plugin Deepness, or a card about it for catalogues and model hubs.</source>
        <translation>모델을 Deepness 플러그인 같은 다른 프로그램에서 쓸 수 있도록 ONNX 파일로 저장하거나, 카탈로그와 모델 허브에 소개하는 모델 카드를 저장합니다.</translation>
    </message>
    <message>
        <source>a map of classes</source>
        <translation>클래스 맵</translation>
    </message>
    <message>
        <source>a part of its weights is not in the file</source>
        <translation>가중치 일부가 파일에 없습니다</translation>
    </message>
    <message>
        <source>card</source>
        <translation>모델 카드</translation>
    </message>
    <message>
        <source>fp32: as the model. fp16: half the size, and faster on GPUs only; inputs and outputs keep 32 bits, and the log says how close it is.</source>
        <translation>fp32: 모델과 같습니다. fp16: 크기가 절반이며, GPU에서만 더 빠릅니다. 입력과 출력은 32비트로 유지되고, 결과가 모델과 얼마나 가까운지 로그에 표시됩니다.</translation>
    </message>
    <message>
        <source>image {} of {}, </source>
        <translation>영상 {}/{}, </translation>
    </message>
    <message>
        <source>import,weights,checkpoint,pth,PyTorch,CMX,SegFormer,transformers,segmentation-models-pytorch,smp,U-Net,model</source>
        <translation>import,weights,checkpoint,pth,PyTorch,CMX,SegFormer,transformers,segmentation-models-pytorch,smp,U-Net,model,가져오기,가중치,체크포인트,모델,딥러닝,신경망</translation>
    </message>
    <message>
        <source>it has a tensor of {} numbers, more than any network needs</source>
        <translation>크기가 {}인 텐서가 있습니다. 어떤 신경망에 필요한 것보다도 큽니다</translation>
    </message>
    <message>
        <source>it has {:.1f} GiB, and a network can have 2 GiB at most</source>
        <translation>크기가 {:.1f} GiB인데, 신경망은 2 GiB 이하여야 합니다</translation>
    </message>
    <message>
        <source>it is damaged, cut off or of another kind</source>
        <translation>파일이 손상되었거나 잘렸거나 다른 종류의 파일입니다</translation>
    </message>
    <message>
        <source>it is too large</source>
        <translation>파일이 너무 큽니다</translation>
    </message>
    <message>
        <source>it is written for the operator set {}; export the network for {} or a later one</source>
        <translation>연산자 집합(opset) {}용으로 저장되었습니다. {} 이상으로 신경망을 다시 내보내십시오</translation>
    </message>
    <message>
        <source>it keeps weights in {!r}, and only files in its own folder are read; put that file beside it, or export the network as one file</source>
        <translation>가중치가 {!r}에 있지만, 같은 폴더에 있는 파일만 읽습니다. 그 파일을 신경망 파일 옆에 두거나 신경망을 파일 하나로 내보내십시오</translation>
    </message>
    <message>
        <source>it must hold {} as bytes, and nothing else</source>
        <translation>{} 텐서 하나만 바이트로 들어 있어야 합니다</translation>
    </message>
    <message>
        <source>it uses operators that are not of the ONNX standard ({}) and would need code of their own; export the network with standard operators only</source>
        <translation>ONNX 표준에 없는 연산자({})를 사용하며, 이런 연산자에는 별도의 코드가 필요합니다. 표준 연산자만 사용하여 신경망을 내보내십시오</translation>
    </message>
    <message>
        <source>its classes</source>
        <translation>모든 클래스</translation>
    </message>
    <message>
        <source>its encoder has {} channels and {} blocks, as no MiT has</source>
        <translation>인코더의 채널 수가 {}, 블록 수가 {}인 MiT는 없습니다</translation>
    </message>
    <message>
        <source>its graph is empty</source>
        <translation>그래프가 비어 있습니다</translation>
    </message>
    <message>
        <source>onnx: the network, for programs that run networks (.onnx). stac: a STAC item with the extension for machine learning models, for catalogues (.json); keep it beside the model file, to which it leads. markdown: a page for a model hub such as Hugging Face (.md).</source>
        <translation>onnx: 신경망이며, 신경망을 실행하는 프로그램에 사용합니다(.onnx). stac: 머신러닝 모델용 확장을 사용하는 STAC 항목이며, 카탈로그에 사용합니다(.json). 모델 파일을 가리키므로 모델 파일 옆에 두십시오. markdown: Hugging Face 같은 모델 허브에 올릴 페이지입니다(.md).</translation>
    </message>
    <message>
        <source>rescale_factor is {:g}, and must be from 0 to 1</source>
        <translation>rescale_factor 값이 {:g}입니다. 0에서 1 사이여야 합니다</translation>
    </message>
    <message>
        <source>the file of its weights, {}, is cut off</source>
        <translation>가중치 파일이 잘렸습니다: {}</translation>
    </message>
    <message>
        <source>validation_share {:g} is not used: each of the {} folds holds out a part of its own, about {:.0%} of the labels.</source>
        <translation>validation_share {:g} 값은 사용하지 않습니다. 폴드 {}개가 각각 자기 부분(라벨의 약 {:.0%})을 검증용으로 떼어 둡니다.</translation>
    </message>
    <message>
        <source>{} cannot be read: {}</source>
        <translation>{} 파일을 읽을 수 없습니다: {}</translation>
    </message>
    <message>
        <source>{} cannot be used as an ONNX network: {}.</source>
        <translation>{} 파일을 ONNX 신경망으로 사용할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>{} class is</source>
        <translation>클래스 {}개</translation>
    </message>
    <message>
        <source>{} classes are</source>
        <translation>클래스 {}개</translation>
    </message>
    <message>
        <source>{} describes a network of {} numbers, and the weights have {}</source>
        <translation>{} 파일에 적힌 신경망에는 파라미터가 {}개 있어야 하지만, 가중치에는 {}개 있습니다</translation>
    </message>
    <message>
        <source>{} has {} characters</source>
        <translation>{} 항목의 길이가 {}자입니다</translation>
    </message>
    <message>
        <source>{} has {}, {} {} (an alpha band is not counted): give images of the same bands, or choose the same bands of all (image_bands).</source>
        <translation>{} 파일에는 {}, {} 파일에는 밴드 {}개가 있습니다(알파 밴드 제외). 밴드가 같은 영상을 지정하거나, 모든 영상에서 같은 밴드를 선택하십시오(image_bands).</translation>
    </message>
    <message>
        <source>{} holds no object</source>
        <translation>{} 파일에 JSON 객체가 없습니다</translation>
    </message>
    <message>
        <source>{} is of the model {}</source>
        <translation>{} 파일의 모델 유형이 {}입니다</translation>
    </message>
    <message>
        <source>{} is {}, and only {} can be imported</source>
        <translation>{} 값이 {}입니다. {} 값만 가져올 수 있습니다</translation>
    </message>
    <message>
        <source>{} must be {}, not {}.</source>
        <translation>{} 옵션은 {}여야 합니다(지정한 값: {}).</translation>
    </message>
    <message>
        <source>{} of {} images have no square to label.</source>
        <translation>영상 {1}개 중 {0}개에 라벨을 만들 정사각형이 없습니다.</translation>
    </message>
    <message>
        <source>{} output per pixel</source>
        <translation>픽셀당 출력 {}개</translation>
    </message>
    <message>
        <source>{} outputs per pixel</source>
        <translation>픽셀당 출력 {}개</translation>
    </message>
    <message>
        <source>{} sees the image only: leave auxiliary_mean and auxiliary_std out.</source>
        <translation>{} 신경망은 영상만 사용합니다. auxiliary_mean과 auxiliary_std를 빼십시오.</translation>
    </message>
    <message>
        <source>{}: an ONNX network, tile {} px</source>
        <translation>{}: ONNX 신경망, 타일 {} px</translation>
    </message>
    <message>
        <source>Choosing the packages of the light engine, without PyTorch</source>
        <translation>PyTorch가 없는 가벼운 엔진의 패키지를 고르는 중</translation>
    </message>
    <message>
        <source>DualStream is ready to map with finished models. {}</source>
        <translation>완성된 모델로 DualStream 세그멘테이션을 할 수 있습니다. {}</translation>
    </message>
    <message>
        <source>Give either the normalisation {} or mean and std, not both.</source>
        <translation>정규화 {} 또는 평균과 표준 편차 가운데 하나만 지정하십시오.</translation>
    </message>
    <message>
        <source>Installing the light engine, without PyTorch</source>
        <translation>PyTorch가 없는 가벼운 엔진을 설치하는 중</translation>
    </message>
    <message>
        <source>Preparing the model for a fast start</source>
        <translation>모델이 빨리 시작하도록 준비하는 중</translation>
    </message>
    <message>
        <source>The device {} needs PyTorch, which this engine does not have: run Set up DualStream for the full engine, or use auto.</source>
        <translation>장치 {}에는 PyTorch가 필요하지만 이 엔진에는 없습니다. “DualStream 환경 설치”로 전체 엔진을 설치하거나 auto를 사용하십시오.</translation>
    </message>
    <message>
        <source>The model will start with PyTorch: {}</source>
        <translation>이 모델은 PyTorch로 시작합니다: {}</translation>
    </message>
    <message>
        <source>The precision {} needs PyTorch, which this engine does not have: run Set up DualStream for the full engine, or use auto.</source>
        <translation>계산 정밀도 {}에는 PyTorch가 필요하지만 이 엔진에는 없습니다. “DualStream 환경 설치”로 전체 엔진을 설치하거나 auto를 사용하십시오.</translation>
    </message>
    <message>
        <source>About {:g} GB are downloaded.</source>
        <translation>약 {:g} GB를 다운로드합니다.</translation>
    </message>
    <message>
        <source>Cancelled: the model {} is complete, but not prepared for a fast start.</source>
        <translation>취소했습니다. 모델 {} 파일은 완성되었지만 빨리 시작하도록 준비되지는 않았습니다.</translation>
    </message>
    <message>
        <source>values of the {} stream lie {:.3g} standard deviations from the mean</source>
        <translation>{} 스트림의 값이 평균에서 표준 편차의 {:.3g}배만큼 떨어져 있음</translation>
    </message>
    <message>
        <source>{} of band {} is {:g}, and must be from {:g} to {:g}, because bands are divided by it</source>
        <translation>밴드 {1}의 {0} 값이 {2:g}입니다. 밴드를 이 값으로 나누므로 {3:g}에서 {4:g} 사이여야 합니다</translation>
    </message>
    <message>
        <source>The file or folder {} cannot be used.</source>
        <translation>파일 또는 폴더 {}을(를) 사용할 수 없습니다.</translation>
    </message>
    <message>
        <source>Mask and the rasters beside it need different names.</source>
        <translation>마스크와 함께 만드는 래스터의 파일 이름이 서로 달라야 합니다.</translation>
    </message>
    <message>
        <source>Raster that shows how unlike the land of the training each place is, in percent. Above 50 it is farther from it than 99 % of the land that the training held out: check the mask there.</source>
        <translation>각 위치가 학습 지역과 얼마나 다른지를 퍼센트(%)로 나타내는 래스터입니다. 50을 넘는 곳은 검증용으로 떼어 둔 지역의 99 %보다 학습 지역과 더 다르므로, 그곳의 마스크를 확인하십시오.</translation>
    </message>
    <message>
        <source>The model {} keeps no summary of its training land: train it again, or leave the raster Unlike the training out.</source>
        <translation>{} 모델에는 학습 지역의 요약이 없습니다. 모델을 다시 학습시키거나, 학습 지역과 다른 정도 래스터를 건너뛰십시오.</translation>
    </message>
    <message>
        <source>Unlike the training</source>
        <translation>학습 지역과 다른 정도</translation>
    </message>
    <message>
        <source>Unlike the training: {}</source>
        <translation>학습 지역과 다른 정도: {}</translation>
    </message>
    <message>
        <source>keeps a summary of its training land, for the raster Unlike the training</source>
        <translation>학습 지역의 요약이 있어 학습 지역과 다른 정도 래스터를 만들 수 있음</translation>
    </message>
    <message>
        <source>{:.0f} % of {} is unlike what the model has learnt from: check the mask there. The raster Unlike the training shows where.</source>
        <translation>{1} 영상의 {0:.0f} %는 모델이 학습한 지역과 다릅니다. 그곳의 마스크를 확인하십시오. 어디인지는 학습 지역과 다른 정도 래스터에 나타납니다.</translation>
    </message>
    <message>
        <source>The summary of the training land in the model file does not fit its network: take another file, or train the model again.</source>
        <translation>모델 파일에 있는 학습 지역의 요약이 신경망과 맞지 않습니다. 다른 파일을 사용하거나 모델을 다시 학습시키십시오.</translation>
    </message>
    <message>
        <source>How often the network sees the whole training area; the model is that of the last epoch, or of one that is clearly better. Automatic: as many as give about equally many steps for any amount of data; 60 for CMX, 40 for the building networks, which stop earlier if the loss no longer falls.</source>
        <translation>신경망이 전체 학습 영역을 보는 횟수이며, 마지막 에포크 또는 그보다 확실히 나은 에포크의 모델이 저장됩니다. 자동: 데이터의 양에 관계없이 스텝 수가 비슷해지도록 정합니다. CMX는 60, 건물용 신경망은 40이며, 건물용 신경망은 손실이 더 줄지 않으면 일찍 끝납니다.</translation>
    </message>
    <message>
        <source>IoU of each class on the fold that the model did not learn from; a dash where the class does not occur. Folds that differ much: the labels are few, or places differ; label more where a fold is weak. The epoch of each model was chosen on its fold, which makes its score a little too good. The ensemble, which averages all models, is mostly a little better than each of them.</source>
        <translation>모델이 학습하지 않은 폴드에서 계산한 클래스별 IoU이며, 클래스가 나타나지 않으면 –로 표시합니다. 폴드마다 점수가 크게 다르면 라벨이 적거나 지역마다 특성이 다른 것입니다. 점수가 낮은 폴드가 있는 곳에 라벨을 더 만드십시오. 각 모델의 에포크는 그 모델의 폴드에서 선택했으므로 점수가 실제보다 조금 높게 나옵니다. 모든 모델의 평균을 사용하는 앙상블은 대체로 각 모델보다 조금 더 정확합니다.</translation>
    </message>
    <message>
        <source>The loss is what training makes small. The score, mIoU, is the mean over the classes of the area that mask and labels share, divided by the area of both together. The model has the weights of the last epoch, or of an earlier one whose score is more than 0.01 higher.</source>
        <translation>손실은 학습에서 최소화하는 값입니다. 점수인 mIoU는 클래스별 IoU(마스크와 라벨이 겹치는 면적을 둘을 합친 면적으로 나눈 값)의 평균입니다. 모델에는 마지막 에포크의 가중치가 저장되며, 점수가 0.01 넘게 높은 이전 에포크가 있으면 그 에포크의 가중치가 저장됩니다.</translation>
    </message>
    <message>
        <source>The model from which the training started, and the epoch of the model, on the same validation blocks and before calibration. Blocks that its training held out are held out again where images and tile size are the same; other blocks may flatter it, because it has learnt from them.</source>
        <translation>학습을 시작한 기존 모델과 이번에 저장된 에포크의 모델을 같은 검증 블록에서 확률 보정 전에 비교한 값입니다. 영상과 타일 크기가 같으면, 기존 모델의 학습에서 검증용으로 떼어 둔 블록을 이번에도 떼어 둡니다. 그 밖의 블록은 기존 모델이 이미 학습했으므로 기존 모델의 점수가 실제보다 높게 나올 수 있습니다.</translation>
    </message>
    <message>
        <source>epoch of the model</source>
        <translation>모델의 에포크</translation>
    </message>
    <message>
        <source>the model&apos;s epoch, of {}</source>
        <translation>모델의 에포크 (전체 {}개)</translation>
    </message>
    <message>
        <source>the model&apos;s epoch, of {}: none was better than the start</source>
        <translation>모델의 에포크 (전체 {}개, 시작할 때보다 나은 에포크 없음)</translation>
    </message>
    <message>
        <source>, {}, about {} a second</source>
        <translation>, {}, 초당 약 {}</translation>
    </message>
    <message>
        <source>&lt;b&gt;On this computer:&lt;/b&gt; PyTorch for {title}. {reason} About {download:g} GB are downloaded. The folder is {home}.</source>
        <translation>&lt;b&gt;이 컴퓨터:&lt;/b&gt; PyTorch 빌드: {title}. {reason} 약 {download:g} GB를 다운로드합니다. 엔진 폴더는 {home}입니다.</translation>
    </message>
    <message>
        <source>&lt;b&gt;On this computer:&lt;/b&gt; the light engine, without PyTorch. About {download:g} GB are downloaded. The folder is {home}.</source>
        <translation>&lt;b&gt;이 컴퓨터:&lt;/b&gt; PyTorch가 없는 가벼운 엔진. 약 {download:g} GB를 다운로드합니다. 엔진 폴더는 {home}입니다.</translation>
    </message>
    <message>
        <source>&lt;b&gt;The disk is nearly full: {disk:g} GB are needed, {free} are free.&lt;/b&gt;</source>
        <translation>&lt;b&gt;디스크 공간이 부족합니다. {disk:g} GB가 필요한데 {free}가 남아 있습니다.&lt;/b&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A model, and a folder of rasters, a scenes table, or raster layers.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A mask for each scene on its image&apos;s grid, with the names and colours of the model&apos;s classes. A summary lists the result of each scene and the area of its classes; mosaics show all masks as one layer.&lt;/p&gt;&lt;p&gt;If a scene cannot be segmented, the run continues with the others, and the summary gives the reason. Run it again with the same parameters and folder to compute only the scenes without a finished mask: after a cancel or a crash, or when scenes were repaired or added.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; With the sample data: Model &lt;i&gt;starter-model.safetensors&lt;/i&gt;, Raster layers instead &lt;i&gt;unseen/image.tif&lt;/i&gt;, Auxiliary rasters &lt;i&gt;unseen/air.tif&lt;/i&gt;, Masks &lt;i&gt;masks&lt;/i&gt;, then Run. The Results Viewer lists the summary (QGIS 3.22 shows a link to it).&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 모델이 필요하며, 영상은 래스터 폴더, 영상 목록 테이블 또는 래스터 레이어로 지정합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 영상마다 영상의 그리드에 맞춘 마스크를 만듭니다. 마스크에는 모델의 클래스 이름과 색상이 들어 있습니다. 요약에는 영상별 결과와 클래스별 면적이 나오고, 모자이크는 모든 마스크를 한 레이어로 보여 줍니다.&lt;/p&gt;&lt;p&gt;세그멘테이션할 수 없는 영상이 있어도 나머지 영상은 계속 처리하며, 그 원인은 요약에 나옵니다. 취소되거나 비정상 종료된 뒤에, 또는 영상을 고치거나 추가한 뒤에 같은 설정과 폴더로 다시 실행하면 마스크가 완료되지 않은 영상만 계산합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 예제 데이터를 사용하는 경우: 모델 &lt;i&gt;starter-model.safetensors&lt;/i&gt;, 대신 사용할 래스터 레이어 &lt;i&gt;unseen/image.tif&lt;/i&gt;, 보조 래스터 &lt;i&gt;unseen/air.tif&lt;/i&gt;, 마스크 &lt;i&gt;masks&lt;/i&gt;를 지정하고 실행을 클릭합니다. 요약이 결과 뷰어의 목록에 나옵니다(QGIS 3.22에서는 링크를 클릭하여 엽니다).&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; a model file (.safetensors).&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a page (HTML), which the Results Viewer lists (QGIS 3.22 shows a link to it): the bands with names and values, the second stream, classes with their scores, whether probabilities are calibrated, the training with its options, the licence of the weights that it started from, and the models that it was trained on from.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; a colleague gives you &lt;i&gt;water.safetensors&lt;/i&gt;. Choose it as model and click Run: the page says that it needs red, green, blue and near infrared at 10 m, and that it found water with an IoU of 0.91.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 모델 파일(.safetensors)이 필요합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 결과 뷰어의 목록에 나오는 HTML 페이지입니다(QGIS 3.22에서는 링크를 클릭하여 엽니다). 밴드의 이름과 값, 두 번째 스트림, 클래스와 클래스별 점수, 확률 보정 여부, 학습과 그 옵션, 학습을 시작한 가중치의 라이선스, 이 모델의 바탕이 된 이전 모델이 나옵니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 동료에게 &lt;i&gt;water.safetensors&lt;/i&gt; 파일을 받았습니다. 이 파일을 모델로 선택하고 실행을 클릭하면, 10 m 해상도의 적색, 녹색, 청색, 근적외선 밴드가 필요하고 IoU 0.91로 물을 찾았다는 내용이 페이지에 나옵니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>A pixel classifier reaches {}, this network {}.</source>
        <translation>픽셀 분류기의 점수는 {}, 이 신경망의 점수는 {}입니다.</translation>
    </message>
    <message>
        <source>A pixel classifier, which learns in seconds, does as well: mIoU {}, this network {}. Train longer or with more labels; if it stays so, the network is not worth its time here.</source>
        <translation>몇 초 만에 학습하는 픽셀 분류기도 이만큼 잘합니다: mIoU {}, 이 신경망 {}. 더 오래, 또는 더 많은 라벨로 학습시키십시오. 그래도 같다면 여기에서는 신경망에 시간을 들일 가치가 없습니다.</translation>
    </message>
    <message>
        <source>About {:.0f} % are downloaded and unpacked</source>
        <translation>약 {:.0f}% 다운로드 및 압축 풀기 완료</translation>
    </message>
    <message>
        <source>An engine without PyTorch, for a small disk or a slow network. It maps, makes polygons, evaluates and suggests where to label. It takes ONNX models, and other models that a full engine on the same computer has prepared: at the end of a training of a minute or more or of Import weights (up to 300 MB), or in a segmentation with the runtime onnxruntime. It does not map with the starter model of the sample data, does not train and uses no graphics card. Not set: the full engine.</source>
        <translation>디스크가 작거나 네트워크가 느린 컴퓨터를 위한, PyTorch가 없는 엔진입니다. 세그멘테이션, 폴리곤 만들기, 평가, 다음에 라벨링할 위치 제안을 합니다. ONNX 모델과, 같은 컴퓨터의 전체 엔진이 준비해 둔 다른 모델을 사용합니다. 모델은 1분 이상의 학습이나 “가중치 가져오기”의 끝(300 MB까지), 또는 런타임 onnxruntime으로 세그멘테이션할 때 준비됩니다. 예제 데이터의 시작 모델은 사용할 수 없고, 학습은 하지 않으며 그래픽 카드를 사용하지 않습니다. 선택하지 않으면 전체 엔진입니다.</translation>
    </message>
    <message>
        <source>Auxiliary encoder&apos;s share of the rate</source>
        <translation>보조 인코더 학습률 배수</translation>
    </message>
    <message>
        <source>Checking the images&apos; paths</source>
        <translation>영상의 경로를 확인하는 중</translation>
    </message>
    <message>
        <source>Checking the masks&apos; paths</source>
        <translation>마스크의 경로를 확인하는 중</translation>
    </message>
    <message>
        <source>Choose where to save the model: a file under &quot;Model&quot; at the bottom, such as forest.safetensors. A temporary file would be deleted when QGIS closes.</source>
        <translation>모델을 저장할 위치를 선택하십시오. 맨 아래의 “모델”에서 forest.safetensors와 같은 파일을 지정합니다. 임시 파일은 QGIS를 닫을 때 삭제됩니다.</translation>
    </message>
    <message>
        <source>Class weights: balanced, because {} is rare ({:.1%} of the labelled pixels). Set class_weights=none to weight all classes equally.</source>
        <translation>클래스 가중치: balanced. {} 클래스가 드물기 때문입니다(라벨이 있는 픽셀의 {:.1%}). 모든 클래스에 같은 가중치를 주려면 class_weights=none으로 지정하십시오.</translation>
    </message>
    <message>
        <source>Compare with a pixel classifier</source>
        <translation>픽셀 분류기와 비교</translation>
    </message>
    <message>
        <source>Encoders&apos; batch norms</source>
        <translation>인코더의 배치 정규화</translation>
    </message>
    <message>
        <source>How much the pixels of a class count in the loss, such as water=3,clouds=0.5, with names or values; other classes count 1. balanced: by the inverse square root of each class&apos;s share of the pixels. none: all classes count alike. They act on ce, ohem, ohem-quarter, focal and focal-dice, and cannot be combined with favouring rare classes. Automatic: balanced if one of three or more classes has less than 2 % of the labelled pixels, else none.</source>
        <translation>손실에서 각 클래스의 픽셀이 갖는 비중입니다(예: water=3,clouds=0.5). 이름이나 값으로 지정하며, 나머지 클래스의 비중은 1입니다. balanced: 클래스별 픽셀 비율의 제곱근에 반비례하게 정합니다. none: 모든 클래스의 비중이 같습니다. ce, ohem, ohem-quarter, focal, focal-dice에 적용되며, “드문 클래스 우대”와 함께 사용할 수 없습니다. 자동: 클래스가 셋 이상이고 그중 하나가 라벨이 있는 픽셀의 2 %보다 적으면 balanced, 그 밖에는 none입니다.</translation>
    </message>
    <message>
        <source>It is not resampled for the model, so sizes of things will differ: tick &quot;Match the ground resolution&quot; (under Advanced).</source>
        <translation>영상을 모델에 맞게 리샘플링하지 않으므로 객체의 크기가 학습 때와 다르게 나타납니다. 고급 파라미터의 “지상 해상도 맞추기”를 선택하십시오.</translation>
    </message>
    <message>
        <source>It took {} for {} on {} ({}, {}): about {} a second.</source>
        <translation>소요 시간 {}, {}, 장치 {}, {}, {}, 초당 약 {}.</translation>
    </message>
    <message>
        <source>Learning rate of the encoder of the auxiliary rasters, as a multiple of the learning rate. With a value the warm-up epochs freeze this encoder too. Automatic: it learns as the encoders&apos; share says.</source>
        <translation>보조 래스터를 보는 인코더의 학습률이며, 학습률에 대한 배수로 나타냅니다. 값을 지정하면 웜업 에포크 동안 이 인코더도 동결합니다. 자동: “인코더 학습률 배수”에 따라 학습합니다.</translation>
    </message>
    <message>
        <source>Training a pixel classifier, for comparison</source>
        <translation>비교할 픽셀 분류기 학습 중</translation>
    </message>
    <message>
        <source>Light engine: maps with prepared and ONNX models, cannot train ({:g} GB)</source>
        <translation>가벼운 엔진: 준비된 모델과 ONNX 모델로 세그멘테이션, 학습 불가 ({:g} GB)</translation>
    </message>
    <message>
        <source>Looking for rasters in the folder of scenes</source>
        <translation>영상 폴더에서 래스터를 찾는 중</translation>
    </message>
    <message>
        <source>Naming the scenes</source>
        <translation>영상 이름을 정하는 중</translation>
    </message>
    <message>
        <source>No file in {} has the name of an image in {}: files of one scene need the same name (endings may differ), or a scenes table (CSV) must name the files of each scene.</source>
        <translation>{} 폴더에 영상과 이름이 같은 파일이 없습니다(영상 폴더: {}). 한 영상의 파일들은 이름이 같거나(확장자는 달라도 됩니다), 영상마다의 파일을 영상 목록 테이블(CSV)에 적어야 합니다.</translation>
    </message>
    <message>
        <source>On so few tiles only large differences count.</source>
        <translation>타일이 이렇게 적으면 큰 차이만 의미가 있습니다.</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>픽셀</translation>
    </message>
    <message>
        <source>Pixels a second</source>
        <translation>초당 픽셀</translation>
    </message>
    <message>
        <source>Planning the masks</source>
        <translation>마스크를 계획하는 중</translation>
    </message>
    <message>
        <source>Probability that a training tile is shown without its auxiliary rasters, so that the model also works where they are missing. Automatic: 0.1.</source>
        <translation>학습 타일을 보조 래스터 없이 보여 줄 확률입니다. 이렇게 하면 보조 래스터가 없는 곳에서도 모델을 사용할 수 있습니다. 자동: 0.1.</translation>
    </message>
    <message>
        <source>Random changes of training tiles, joined by +: flips (and quarter turns), mirrors, copy-paste, affine (shift, scale, rotate), shift-scale-rotate (smaller), rotate, distortion, brightness, contrast, hsv, hue, clahe, jitter (colours), gray; or none. With a probability: clahe:0.3. Automatic: flips+affine+brightness+hsv+clahe+copy-paste for CMX, flips+rotate+jitter+gray for the building networks; for all others flips+affine+jitter+gray if the image is an 8-bit picture, else flips+affine+brightness.</source>
        <translation>학습 타일에 무작위로 적용하는 변형이며, +로 연결합니다: flips(직각 회전 포함), mirrors(좌우·상하 뒤집기), copy-paste, affine(이동, 확대·축소, 회전), shift-scale-rotate(더 작은 변형), rotate, distortion(왜곡), brightness, contrast, hsv, hue, clahe, jitter(색상), gray 또는 none. 확률을 지정할 때: clahe:0.3. 자동: CMX는 flips+affine+brightness+hsv+clahe+copy-paste, 건물용 신경망은 flips+rotate+jitter+gray. 그 밖에는 이미지가 8비트 그림이면 flips+affine+jitter+gray, 아니면 flips+affine+brightness.</translation>
    </message>
    <message>
        <source>Ready. Next: make sample data.</source>
        <translation>준비되었습니다. 다음 단계: 예제 데이터를 만드십시오.</translation>
    </message>
    <message>
        <source>Ready. The light engine maps with prepared and ONNX models.</source>
        <translation>준비되었습니다. 가벼운 엔진은 준비된 모델과 ONNX 모델로 세그멘테이션합니다.</translation>
    </message>
    <message>
        <source>Segmented {} of {} in {} on {} ({}), about {} a second.</source>
        <translation>{1} 중 {0}개를 세그멘테이션했습니다. 소요 시간 {2}, 장치 {3}, {4}, 초당 약 {5}.</translation>
    </message>
    <message>
        <source>Still working after {}</source>
        <translation>{} 동안 작업 중</translation>
    </message>
    <message>
        <source>The augmentation {} cannot have the probability {!r}: it must be a number above 0, at most 1, and flips and mirrors have none.</source>
        <translation>데이터 증강 {}의 확률을 {!r}(으)로 지정할 수 없습니다. 0보다 크고 1 이하인 숫자여야 하며, flips와 mirrors에는 확률이 없습니다.</translation>
    </message>
    <message>
        <source>The data say that {} of {} scenes are for validation, and {} folds divide all scenes themselves. To keep the split of the data, give no folds (0). To take folds, empty the column split of the scenes table, or put the validation files into the folders of the training files.</source>
        <translation>데이터에서 영상 {1}개 중 {0}개가 이미 검증용으로 정해져 있지만, 폴드 {2}개는 모든 영상을 직접 나눕니다. 데이터의 구분을 유지하려면 폴드 수를 0으로 지정하십시오. 폴드를 사용하려면 영상 목록 테이블의 split 열을 비우거나, 검증용 파일을 학습용 파일의 폴더로 옮기십시오.</translation>
    </message>
    <message>
        <source>The download needs {} on the disk of {}, and {} are free. Free some space or choose another folder, and run this again; what was downloaded is kept.</source>
        <translation>다운로드하려면 {1} 폴더가 있는 디스크에 {0}가 필요하지만, 남은 공간은 {2}입니다. 공간을 확보하거나 다른 폴더를 선택한 뒤 다시 실행하십시오. 이미 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>The installation needs about {} on the disk of {}, and {} are free. Free some space and run this again; what was downloaded is kept.</source>
        <translation>설치하려면 {1} 폴더가 있는 디스크에 약 {0}가 필요하지만, 남은 공간은 {2}입니다. 공간을 확보한 뒤 다시 실행하십시오. 이미 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>The layer {} cannot be read: its file was moved or deleted, or its server does not answer ({}). Right-click the layer and repair its data source, or choose another layer.</source>
        <translation>{} 레이어를 읽을 수 없습니다. 파일이 옮겨졌거나 삭제되었거나, 서버가 응답하지 않습니다({}). 레이어를 오른쪽 클릭하여 데이터 소스를 복구하거나 다른 레이어를 선택하십시오.</translation>
    </message>
    <message>
        <source>The layer {} is only in the memory of QGIS ({}): save it as a file first (right-click the layer &gt; Export).</source>
        <translation>{} 레이어는 QGIS의 메모리에만 있습니다({}). 먼저 파일로 저장하십시오(레이어를 오른쪽 클릭 &gt; 내보내기).</translation>
    </message>
    <message>
        <source>The light engine, which is installed here, cannot use the model {}: export it as ONNX on a computer with the full engine and import that file here, or run &quot;Set up DualStream&quot; without &quot;Light engine&quot;.</source>
        <translation>여기에 설치된 가벼운 엔진은 모델 {} 파일을 사용할 수 없습니다. 전체 엔진이 있는 컴퓨터에서 ONNX로 내보낸 뒤 그 파일을 여기에서 가져오거나, “가벼운 엔진”을 선택하지 않고 “DualStream 환경 설치”를 실행하십시오.</translation>
    </message>
    <message>
        <source>The loss {!r} is not used: DualStream runs a module only from a folder that you have named in the environment variable PYTHONPATH. Add the folder of {} there.</source>
        <translation>손실 {!r}은(는) 사용하지 않습니다. DualStream은 환경 변수 PYTHONPATH에 지정한 폴더의 모듈만 실행합니다. {}의 폴더를 거기에 추가하십시오.</translation>
    </message>
    <message>
        <source>The loss {} is your own code: {}.</source>
        <translation>손실 {}은(는) 사용자의 코드입니다: {}.</translation>
    </message>
    <message>
        <source>The mask {} ({} x {} px) shows {}.</source>
        <translation>{} 마스크({} x {} px)를 저장했습니다. 분류 결과: {}.</translation>
    </message>
    <message>
        <source>The mask {} ({} x {} px): {}.</source>
        <translation>{} 마스크({} x {} px)를 저장했습니다. {}.</translation>
    </message>
    <message>
        <source>The model is an exponential moving average of the weights, which is steadier than the last weights. This is its decay per step: the closer to 1, the more steps it averages. 0: no average. Automatic: 0.98.</source>
        <translation>가중치의 지수 이동 평균을 모델로 사용하며, 마지막 가중치보다 안정적입니다. 이 값은 스텝당 감쇠율이며, 1에 가까울수록 더 많은 스텝을 평균합니다. 0: 평균하지 않습니다. 자동: 0.98.</translation>
    </message>
    <message>
        <source>The network {} takes {} of memory or more for one tile, and {} are free: export it with smaller tiles or fewer channels.</source>
        <translation>{} 신경망은 타일 하나에 메모리 {} 이상이 필요하지만, 사용할 수 있는 메모리는 {}입니다. 더 작은 타일이나 더 적은 채널로 내보내십시오.</translation>
    </message>
    <message>
        <source>The scores differ from those above, which are of all tiles.</source>
        <translation>모든 타일로 계산한 위의 점수와는 다릅니다.</translation>
    </message>
    <message>
        <source>The weights as torch.save wrote them (.pth, .pt), as .safetensors or in a checkpoint of Lightning (.ckpt), a folder with config.json and weights that transformers saved, or an ONNX network (.onnx), which segments like any other model and cannot be trained further. No code in them is run.</source>
        <translation>torch.save로 저장한 가중치(.pth, .pt), .safetensors 가중치 또는 Lightning의 체크포인트(.ckpt)에 들어 있는 가중치, transformers로 저장한 config.json과 가중치가 있는 폴더, 또는 ONNX 신경망(.onnx)입니다. ONNX 신경망은 다른 모델과 똑같이 세그멘테이션에 사용할 수 있지만, 이어서 학습시킬 수는 없습니다. 파일에 들어 있는 코드는 실행하지 않습니다.</translation>
    </message>
    <message>
        <source>The weights {} hold several networks ({}): save the weights of one of them alone, with torch.save(model.state_dict(), path).</source>
        <translation>{} 가중치에 신경망이 여러 개 들어 있습니다({}). torch.save(model.state_dict(), path)로 그중 하나의 가중치만 저장하십시오.</translation>
    </message>
    <message>
        <source>There is not enough memory. Close other programs, or try a smaller batch size; for training, a smaller tile size or encoder helps too.</source>
        <translation>메모리가 부족합니다. 다른 프로그램을 닫거나 배치 크기를 줄이십시오. 학습할 때는 타일 크기를 줄이거나 더 작은 인코더를 사용해도 도움이 됩니다.</translation>
    </message>
    <message>
        <source>This computer does not trust the certificate of the package index, as in offices whose proxy reads encrypted traffic. Ask for the office&apos;s certificate (CA) and add it in Settings &gt; Options &gt; Authentication &gt; Manage Certificates, or to the system&apos;s certificates. The button Ignore of QGIS&apos;s own question does not help, because the program that installs the packages checks certificates itself.</source>
        <translation>이 컴퓨터가 패키지 인덱스의 인증서를 신뢰하지 않습니다. 프록시가 암호화된 통신을 검사하는 사내 네트워크에서 흔히 발생합니다. 사내 인증서(CA)를 받아 설정 &gt; 옵션 &gt; 인증 &gt; 인증서 관리에서 추가하거나 시스템의 인증서에 추가하십시오. 인증서를 묻는 QGIS 대화창의 “무시” 버튼은 도움이 되지 않습니다. 패키지를 설치하는 프로그램이 인증서를 직접 확인하기 때문입니다.</translation>
    </message>
    <message>
        <source>This is the light engine, without PyTorch. It maps one or many scenes, makes polygons, evaluates and suggests where to label. It takes ONNX models, and other models that the full engine has prepared on this computer: at the end of a training of a minute or more or of Import weights (up to 300 MB), or in a segmentation with the runtime onnxruntime. It does not train and uses no graphics card. For the full engine run &quot;Set up DualStream&quot; without &quot;Light engine&quot;.</source>
        <translation>PyTorch가 없는 가벼운 엔진입니다. 영상 하나 또는 여러 개를 세그멘테이션하고, 폴리곤 만들기, 평가, 다음에 라벨링할 위치 제안을 합니다. ONNX 모델과, 이 컴퓨터의 전체 엔진이 준비해 둔 다른 모델을 사용합니다. 모델은 1분 이상의 학습이나 “가중치 가져오기”의 끝(300 MB까지), 또는 런타임 onnxruntime으로 세그멘테이션할 때 준비됩니다. 학습은 하지 않으며 그래픽 카드를 사용하지 않습니다. 전체 엔진을 설치하려면 “가벼운 엔진”을 선택하지 않고 “DualStream 환경 설치”를 실행하십시오.</translation>
    </message>
    <message>
        <source>This needs the full engine, with PyTorch: run &quot;Set up DualStream&quot; without &quot;Light engine&quot;.</source>
        <translation>여기에는 PyTorch가 있는 전체 엔진이 필요합니다. “가벼운 엔진”을 선택하지 않고 “DualStream 환경 설치”를 실행하십시오.</translation>
    </message>
    <message>
        <source>This training has hardly begun: {}. Its numbers say little yet.</source>
        <translation>학습이 이제 막 시작되었습니다: {}. 아직 수치로 알 수 있는 것이 거의 없습니다.</translation>
    </message>
    <message>
        <source>What every setting that is left open becomes. Automatic: the recipe of the network, or one that was chosen by experiment. dualstream, clouds, buildings: the recipes of the original systems, to repeat their trainings.</source>
        <translation>지정하지 않은 모든 설정에 사용할 값입니다. 자동: 신경망의 레시피 또는 실험으로 선택한 레시피. dualstream, clouds, buildings: 원래 시스템의 레시피로, 그 학습을 재현할 때 사용합니다.</translation>
    </message>
    <message>
        <source>a network of Keras</source>
        <translation>Keras 신경망</translation>
    </message>
    <message>
        <source>a network of TensorFlow</source>
        <translation>TensorFlow 신경망</translation>
    </message>
    <message>
        <source>a network of TensorFlow Lite</source>
        <translation>TensorFlow Lite 신경망</translation>
    </message>
    <message>
        <source>a second</source>
        <translation>초당 처리량</translation>
    </message>
    <message>
        <source>a whole network with its code</source>
        <translation>코드가 포함된 신경망 전체</translation>
    </message>
    <message>
        <source>chosen for the data and the computer</source>
        <translation>자동: 데이터와 컴퓨터에 맞게 선택</translation>
    </message>
    <message>
        <source>cosine: the rate falls smoothly until the last epoch. annealing: the same, epoch by epoch after the warm-up epochs and without a rise at the start. plateau: it falls to a third after three validations without improvement. step: it falls to a tenth every ten epochs. Automatic: step for the building networks, cosine for all others.</source>
        <translation>cosine: 마지막 에포크까지 학습률을 서서히 낮춥니다. annealing: 같은 방식이지만 웜업 에포크가 끝난 뒤 에포크마다 낮추며, 처음에 높여 가지 않습니다. plateau: 검증에서 세 번 나아지지 않으면 1/3로 낮춥니다. step: 10에포크마다 1/10로 낮춥니다. 자동: 건물용 신경망은 step, 그 밖에는 모두 cosine.</translation>
    </message>
    <message>
        <source>folder or file</source>
        <translation>폴더 또는 파일</translation>
    </message>
    <message>
        <source>trained: they follow the training images. frozen: those of encoders that are trained already keep their means and variances. Try frozen if a map of land elsewhere takes bare ground for buildings, and compare on labels there: it helped in one town and lost in another.</source>
        <translation>trained: 학습 영상에 따라 바뀝니다. frozen: 이미 학습된 인코더의 배치 정규화는 평균과 분산을 그대로 유지합니다. 다른 지역의 지도에서 맨땅이 건물로 분류되면 frozen으로 학습해 보고 그 지역의 라벨로 비교하십시오. 한 도시에서는 더 좋았고 다른 도시에서는 더 나빴습니다.</translation>
    </message>
    <message>
        <source>it draws random numbers ({}), so one image would get another mask each time; export the network for inference (in PyTorch after model.eval())</source>
        <translation>난수를 사용하므로({}) 같은 영상에서 매번 다른 마스크가 나옵니다. 추론용으로 신경망을 내보내십시오(PyTorch에서는 model.eval() 다음)</translation>
    </message>
    <message>
        <source>it repeats a part of its graph ({}), which is refused because its work is not bounded; export the network without loops</source>
        <translation>그래프의 일부를 반복하는데({}), 계산량에 한계가 없으므로 사용할 수 없습니다. 반복 없이 신경망을 내보내십시오</translation>
    </message>
    <message>
        <source>mIoU of a pixel classifier</source>
        <translation>픽셀 분류기의 mIoU</translation>
    </message>
    <message>
        <source>mean of a pixel classifier</source>
        <translation>픽셀 분류기의 평균</translation>
    </message>
    <message>
        <source>mist</source>
        <translation>안개</translation>
    </message>
    <message>
        <source>of the pixels right; {} alone gives {}</source>
        <translation>올바른 픽셀의 비율 (모두 {}로 칠하면 {})</translation>
    </message>
    <message>
        <source>pale: no label counts here</source>
        <translation>흐린 색: 평가하는 라벨이 없음</translation>
    </message>
    <message>
        <source>pale: not labelled, or not in validation</source>
        <translation>흐린 색: 라벨이 없거나 검증 영역이 아님</translation>
    </message>
    <message>
        <source>polygon layers</source>
        <translation>폴리곤 레이어 (여러 개 가능)</translation>
    </message>
    <message>
        <source>raster or vector layers</source>
        <translation>래스터 또는 벡터 레이어 (여러 개 가능)</translation>
    </message>
    <message>
        <source>segmented</source>
        <translation>세그멘테이션함</translation>
    </message>
    <message>
        <source>smoke</source>
        <translation>연기</translation>
    </message>
    <message>
        <source>the image</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>{} (kept): {}; {} in {}</source>
        <translation>{} (유지됨): {}; {}, {}</translation>
    </message>
    <message>
        <source>{} (still working after {})</source>
        <translation>{} ({} 동안 작업 중)</translation>
    </message>
    <message>
        <source>{} Its prepared graph is removed from the cache: run it again.</source>
        <translation>{} 준비된 그래프를 캐시에서 지웠습니다. 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>{} free</source>
        <translation>{} 사용 가능</translation>
    </message>
    <message>
        <source>{} free beside the engine</source>
        <translation>엔진이 있는 디스크에서 {} 사용 가능</translation>
    </message>
    <message>
        <source>{} has band {}, and there were {} bands</source>
        <translation>{} 값에 밴드 {}번이 있지만, 밴드는 {}개였습니다</translation>
    </message>
    <message>
        <source>{} is a YOLO, which finds objects and gives no class for each pixel, so that no model file can be made of it: train a network with the same labels as polygons.</source>
        <translation>{} 파일은 YOLO입니다. YOLO는 객체를 찾을 뿐 픽셀마다 클래스를 정하지 않으므로 모델 파일로 만들 수 없습니다. 같은 라벨을 폴리곤으로 바꾸어 신경망을 학습시키십시오.</translation>
    </message>
    <message>
        <source>{} is a deep learning package of ArcGIS, a zip archive: unpack it and give the .onnx or .pth file in it.</source>
        <translation>{} 파일은 ArcGIS의 딥러닝 패키지(ZIP 압축 파일)입니다. 압축을 풀고 그 안의 .onnx 또는 .pth 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>{} is a raster, not weights: give the file that another program has trained.</source>
        <translation>{} 파일은 가중치가 아니라 래스터입니다. 다른 프로그램이 학습시킨 파일을 지정하십시오.</translation>
    </message>
    <message>
        <source>{} is not a file of weights: give one in {}, or a network in .onnx.</source>
        <translation>{} 파일은 가중치 파일이 아닙니다. 가중치 파일(확장자: {})이나 ONNX 신경망(.onnx)을 지정하십시오.</translation>
    </message>
    <message>
        <source>{} is too large: {} would have {} x {} px, {}, and its disk has {} free. Free some, choose another folder, or give an extent.</source>
        <translation>영상이 너무 큽니다: {}. {} 파일의 크기는 {} x {} px, {}인데, 디스크의 남은 공간은 {}입니다. 공간을 확보하거나, 다른 폴더를 선택하거나, 범위를 지정하십시오.</translation>
    </message>
    <message>
        <source>{} is too wide: {} rows of {} px, which a tile spans, take {} of memory, and {} are free. Cut it, or give an extent.</source>
        <translation>영상의 폭이 너무 넓습니다: {}. 타일 하나에 걸치는 행 {}개(행마다 {} px)에 메모리 {}가 필요하지만, 사용할 수 있는 메모리는 {}입니다. 영상을 자르거나 범위를 지정하십시오.</translation>
    </message>
    <message>
        <source>{} is {}, which import does not read: its program can export ONNX (.onnx, with tf2onnx), which import takes.</source>
        <translation>{} 파일은 {}이며, import 명령이 읽을 수 없습니다. 파일을 만든 프로그램에서 tf2onnx로 ONNX(.onnx)로 내보내면 가져올 수 있습니다.</translation>
    </message>
    <message>
        <source>{} lacks the labels of {}, first of {!r}: every image needs a label file of the same name, or a scenes table (CSV) must name the files of each scene.</source>
        <translation>{} 폴더에 {}의 라벨이 없습니다. 첫 번째 영상은 {!r}입니다. 영상마다 이름이 같은 라벨 파일이 있거나, 영상마다의 파일을 영상 목록 테이블(CSV)에 적어야 합니다.</translation>
    </message>
    <message>
        <source>{} million pixels</source>
        <translation>{}백만 픽셀</translation>
    </message>
    <message>
        <source>{} names {}, which is not read: only layername is. Save the features that you need as a file of their own, and give that.</source>
        <translation>{}에 {}이(가) 있지만 읽지 않습니다. layername만 읽습니다. 필요한 객체를 별도의 파일로 저장하여 지정하십시오.</translation>
    </message>
    <message>
        <source>{} of {}, {} in all, written to {}; it took {}.</source>
        <translation>{0}({1})를 {3} 파일에 저장했습니다. 전체 면적 {2}, 소요 시간 {4}.</translation>
    </message>
    <message>
        <source>{} pixel</source>
        <translation>{}픽셀</translation>
    </message>
    <message>
        <source>{} pixels</source>
        <translation>{}픽셀</translation>
    </message>
    <message>
        <source>{}: {}; {} in {}</source>
        <translation>{}: {}; {}, {}</translation>
    </message>
    <message>
        <source>A mask that shows {} everywhere would have {} of them right.</source>
        <translation>모든 곳이 {}인 마스크라도 그 픽셀의 {}에서 클래스가 맞습니다.</translation>
    </message>
    <message>
        <source>A pixel classifier (decision trees that see each pixel alone) reaches mIoU {:.3f} in validation: the network should reach more.</source>
        <translation>픽셀 분류기(픽셀을 하나씩만 보는 결정 트리)의 검증 mIoU는 {:.3f}입니다. 신경망은 이보다 높아야 합니다.</translation>
    </message>
    <message>
        <source>A threshold ({:g}) chooses between two classes; this network has {}, and the most probable wins. Leave it out.</source>
        <translation>임계값({:g})은 두 클래스 가운데 하나를 고를 때 사용합니다. 이 신경망에는 클래스가 {}개 있으며, 확률이 가장 높은 클래스를 선택합니다. 임계값을 빼십시오.</translation>
    </message>
    <message>
        <source>An ONNX network runs with ONNX Runtime, and cannot be trained further.</source>
        <translation>ONNX 신경망은 ONNX Runtime으로 실행하며, 이어서 학습시킬 수 없습니다.</translation>
    </message>
    <message>
        <source>The unfinished training of {} ({} of {}) cannot continue: {}. Choose another file for the model, or give resume=false in the recipe (--no_resume in a shell) to start over.</source>
        <translation>{}의 끝나지 않은 학습({}/{})을 이어갈 수 없습니다. {}. 모델에 다른 파일을 지정하거나, 처음부터 다시 학습하려면 레시피에 resume=false(셸에서는 --no_resume)를 지정하십시오.</translation>
    </message>
    <message>
        <source>Bands in pictures</source>
        <translation>그림에 표시할 밴드</translation>
    </message>
    <message>
        <source>DualStream no longer has the runtime {}: it chose this one automatically.</source>
        <translation>런타임 {}은(는) 더 이상 DualStream에 없어 이 런타임을 자동으로 선택했습니다.</translation>
    </message>
    <message>
        <source>Give it {} minutes or more, or tiles of {} px.</source>
        <translation>{}분 이상으로 지정하거나 타일 크기를 {}픽셀로 지정하십시오.</translation>
    </message>
    <message>
        <source>Give it {} minutes or more.</source>
        <translation>{}분 이상으로 지정하십시오.</translation>
    </message>
    <message>
        <source>If a training with the same model file and the same settings was cancelled or crashed, it continues after its last finished epoch, with the same result as without the interruption. A training with other data or settings is refused then, so that nothing is lost. false: the unfinished training is discarded and this one starts from the beginning.</source>
        <translation>모델 파일과 설정이 같은 학습이 취소되었거나 비정상 종료되었으면, 마지막으로 완료된 에포크 다음부터 이어서 진행합니다. 결과는 중단되지 않았을 때와 같습니다. 데이터나 설정이 다른 학습은 아무것도 잃지 않도록 거부됩니다. false: 끝나지 않은 학습을 버리고 처음부터 시작합니다.</translation>
    </message>
    <message>
        <source>Numbers of the bands that the report shows as red, green and blue where the bands&apos; names do not say which they are. Empty: those of the layer&apos;s style in QGIS, else the first three.</source>
        <translation>밴드 이름으로 색을 알 수 없을 때 보고서의 그림에 적색, 녹색, 청색으로 표시할 밴드의 번호입니다. 비우면 QGIS에서 레이어 스타일에 지정된 밴드를, 그것도 없으면 처음 세 밴드를 사용합니다.</translation>
    </message>
    <message>
        <source>Ready: {}</source>
        <translation>준비됨: {}</translation>
    </message>
    <message>
        <source>Share of the labelled area on which the accuracy is measured. It consists of whole blocks, from which the network never learns.</source>
        <translation>라벨 영역 가운데 정확도를 측정하는 데 쓰는 부분의 비율입니다. 블록 단위로 떼어 두며, 신경망은 이 블록으로 전혀 학습하지 않습니다.</translation>
    </message>
    <message>
        <source>Smaller polygons are left out; 0 keeps single pixels. The area of about ten pixels removes specks: 1000 for pixels of 10 m, 10 for pixels of 1 m.</source>
        <translation>이보다 작은 폴리곤은 제외합니다. 0이면 픽셀 하나짜리 폴리곤도 남습니다. 픽셀 약 10개의 면적이면 작은 얼룩이 없어집니다. 10 m 픽셀이면 1000, 1 m 픽셀이면 10입니다.</translation>
    </message>
    <message>
        <source>The STAC item {} describes {} for catalogues.</source>
        <translation>{} 파일에 {} 모델을 카탈로그에 소개하는 STAC 항목을 저장했습니다.</translation>
    </message>
    <message>
        <source>The STAC item {} describes {} for catalogues. It has no geometry: the model does not know where its training area lies.</source>
        <translation>{} 파일에 {} 모델을 카탈로그에 소개하는 STAC 항목을 저장했습니다. 모델에 학습 영역의 위치가 없으므로 이 항목에는 도형이 없습니다.</translation>
    </message>
    <message>
        <source>The card {} describes {} for people and model hubs.</source>
        <translation>{} 파일에 {} 모델을 사용자와 모델 허브에 소개하는 모델 카드를 저장했습니다.</translation>
    </message>
    <message>
        <source>The input {} of the network {} is {}, which does not say which axis has the bands: give layout as {} or {}.</source>
        <translation>{1} 신경망의 {0} 입력은 {2}이며, 이것으로는 밴드의 축을 알 수 없습니다. layout을 {3} 또는 {4}(으)로 지정하십시오.</translation>
    </message>
    <message>
        <source>The labels are a random sample, so they represent the whole mask: each area is the mapped one, corrected by the errors that the sample found. The ± is half of a 95 % confidence interval.</source>
        <translation>라벨이 무작위 표본이므로 결과가 마스크 전체를 대표합니다. 각 면적은 마스크의 면적을 표본에서 찾은 오류로 보정한 값입니다. ± 뒤의 값은 95% 신뢰구간의 절반입니다.</translation>
    </message>
    <message>
        <source>The labels are a stratified sample, so they represent the whole mask: each area is the mapped one, corrected by the errors that the sample found. The ± is half of a 95 % confidence interval.</source>
        <translation>라벨이 층화 표본이므로 결과가 마스크 전체를 대표합니다. 각 면적은 마스크의 면적을 표본에서 찾은 오류로 보정한 값입니다. ± 뒤의 값은 95% 신뢰구간의 절반입니다.</translation>
    </message>
    <message>
        <source>The library that computes the network. auto: PyTorch on graphics cards, and for many tiles on processors with bf16 instructions; otherwise ONNX Runtime if the model is prepared for it, else PyTorch. torch: PyTorch, as in training. onnxruntime: ONNX Runtime, on the processor; it starts faster and takes less memory.</source>
        <translation>신경망을 계산하는 라이브러리입니다. auto: 그래픽 카드에서는 PyTorch를 사용하고, bf16 명령어가 있는 CPU에서도 타일이 많으면 PyTorch를 사용합니다. 그 밖에는 모델이 준비되어 있으면 ONNX Runtime을, 아니면 PyTorch를 사용합니다. torch: 학습에 쓰는 것과 같은 PyTorch입니다. onnxruntime: CPU에서 실행하는 ONNX Runtime으로, 더 빨리 시작하고 메모리를 적게 사용합니다.</translation>
    </message>
    <message>
        <source>The licence {} is not an SPDX identifier: give one such as CC-BY-4.0 or Apache-2.0, or other.</source>
        <translation>SPDX 식별자가 아닌 라이선스입니다: {}. CC-BY-4.0이나 Apache-2.0 같은 식별자 또는 other를 지정하십시오.</translation>
    </message>
    <message>
        <source>The model is written</source>
        <translation>모델을 저장했습니다</translation>
    </message>
    <message>
        <source>The model to start from is in {}, whose files this training removes: copy it to another folder, or choose another name for the output.</source>
        <translation>시작할 모델이 {}에 있는데, 이 학습은 그 폴더의 파일을 지웁니다. 모델을 다른 폴더로 복사하거나 출력에 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The network {} does not say what its values are: give output_kind as {}, {} or {}.</source>
        <translation>{} 신경망에 출력 값의 종류가 적혀 있지 않습니다. output_kind에 {}, {}, {} 중 하나를 지정하십시오.</translation>
    </message>
    <message>
        <source>The pixel classifier (decision trees that see each pixel alone) has learnt a sample of the same training pixels and bands; it is scored on {} of the {} validation pixels.</source>
        <translation>픽셀 분류기(픽셀을 하나씩만 보는 결정 트리)는 같은 학습 픽셀과 밴드의 표본으로 학습했으며, 검증 픽셀 {1}개 중 {0}개로 점수를 계산했습니다.</translation>
    </message>
    <message>
        <source>The sample data are ready.</source>
        <translation>예제 데이터가 준비되었습니다.</translation>
    </message>
    <message>
        <source>The sample data need the full engine.</source>
        <translation>예제 데이터를 사용하려면 전체 엔진이 필요합니다.</translation>
    </message>
    <message>
        <source>The training took {} instead of {:g} min: the data need more time, or the computer became slower.</source>
        <translation>{1:g}분을 지정했지만 학습에 {0}이(가) 걸렸습니다. 데이터에 시간이 더 필요하거나 컴퓨터가 느려졌습니다.</translation>
    </message>
    <message>
        <source>The training was interrupted after epoch {} of {}. The same job resumes from there.</source>
        <translation>에포크 {1}개 중 {0}개를 마치고 학습이 중단되었습니다. 같은 설정으로 다시 실행하면 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>The weights {} are of segmentation-models-pytorch and do not name their network: give the architecture, such as unet-resnet50 or smp:FPN:efficientnet-b4.</source>
        <translation>{} 가중치는 segmentation-models-pytorch의 가중치이며, 신경망 구조가 적혀 있지 않습니다. 신경망 구조를 지정하십시오(예: unet-resnet50, smp:FPN:efficientnet-b4).</translation>
    </message>
    <message>
        <source>The weights {} are those of a SegFormer, whose sizes and classes are in a file {} that is missing beside them: give the folder that save_pretrained of SegformerForSemanticSegmentation writes.</source>
        <translation>{} 가중치는 SegFormer의 가중치이며, 크기와 클래스는 같은 폴더의 {} 파일에 들어 있습니다. SegformerForSemanticSegmentation의 save_pretrained로 저장한 폴더를 지정하십시오.</translation>
    </message>
    <message>
        <source>The weights {} are those of the first DualStream-DFormer, whose layers ({}) the network dualstream-dformer does not have: train it again, with the preset dualstream.</source>
        <translation>{} 가중치는 첫 번째 DualStream-DFormer의 가중치이며, 그 신경망 층({})이 dualstream-dformer 신경망에는 없습니다. dualstream 프리셋으로 다시 학습시키십시오.</translation>
    </message>
    <message>
        <source>These data need about {} at least on this computer.</source>
        <translation>이 컴퓨터에서 이 데이터를 학습하려면 적어도 약 {}이(가) 필요합니다.</translation>
    </message>
    <message>
        <source>This model has hardly begun: {}.</source>
        <translation>이 모델은 학습을 거의 시작하지 않았습니다: {}.</translation>
    </message>
    <message>
        <source>Training stopped after epoch {} of {}: it has taken {} instead of {:g} min. The computer became slower after the training had been planned.</source>
        <translation>에포크 {1}개 중 {0}개를 마치고 학습을 종료했습니다. {3:g}분을 지정했지만 {2}이(가) 걸렸습니다. 학습을 계획한 뒤에 컴퓨터가 느려졌습니다.</translation>
    </message>
    <message>
        <source>Unseen labels</source>
        <translation>새 영상의 라벨</translation>
    </message>
    <message>
        <source>Until then its numbers say nothing about the labels and the bands.</source>
        <translation>그 전에는 수치로 라벨과 밴드에 대해 아무것도 알 수 없습니다.</translation>
    </message>
    <message>
        <source>Use a model that was trained on two streams where you have no auxiliary rasters. The mask is then made from the image alone, which is less accurate. Without this option such a run is refused.</source>
        <translation>두 스트림으로 학습한 모델을 보조 래스터 없이 사용합니다. 이때 마스크는 영상만으로 만들어지므로 정확도가 떨어집니다. 이 옵션을 선택하지 않으면 보조 래스터 없이 실행할 수 없습니다.</translation>
    </message>
    <message>
        <source>With the image alone, the pixel classifier reaches {:.3f}.</source>
        <translation>영상만 사용하면 픽셀 분류기의 점수는 {:.3f}입니다.</translation>
    </message>
    <message>
        <source>With the image alone, the pixel classifier reaches {}.</source>
        <translation>영상만 사용하면 픽셀 분류기의 점수는 {}입니다.</translation>
    </message>
    <message>
        <source>[in a shell separated by spaces]</source>
        <translation>[명령줄에서는 공백으로 구분]</translation>
    </message>
    <message>
        <source>a number above {}</source>
        <translation>{}보다 큰 숫자</translation>
    </message>
    <message>
        <source>a number above {} and below {}</source>
        <translation>{} 초과 {} 미만의 숫자</translation>
    </message>
    <message>
        <source>a number above {} and up to {}</source>
        <translation>{} 초과 {} 이하의 숫자</translation>
    </message>
    <message>
        <source>a number from {} to below {}</source>
        <translation>{} 이상 {} 미만의 숫자</translation>
    </message>
    <message>
        <source>a number, {} or more</source>
        <translation>{} 이상의 숫자</translation>
    </message>
    <message>
        <source>a whole number from {} to {}, a multiple of {}</source>
        <translation>{0}에서 {1}까지의 정수 중 {2}의 배수</translation>
    </message>
    <message>
        <source>a whole number, {} or more</source>
        <translation>{} 이상의 정수</translation>
    </message>
    <message>
        <source>auto: the graphics card if there is one. cuda:1: the second NVIDIA card. all: every NVIDIA card of this computer, each with its own batches; the log shows how many tiles one step uses in total.</source>
        <translation>auto: 그래픽 카드가 있으면 그래픽 카드를 사용합니다. cuda:1: 두 번째 NVIDIA 카드를 사용합니다. all: 이 컴퓨터의 모든 NVIDIA 카드를 사용합니다. 카드마다 배치를 따로 처리하며, 한 스텝에 사용하는 전체 타일 수는 로그에 표시됩니다.</translation>
    </message>
    <message>
        <source>mIoU {}, pixel accuracy {}, mean F1 {} (IoU: {})</source>
        <translation>mIoU {}, 픽셀 정확도 {}, 평균 F1 {} (IoU: {})</translation>
    </message>
    <message>
        <source>mean of a pixel classifier, image alone</source>
        <translation>픽셀 분류기의 평균(영상만)</translation>
    </message>
    <message>
        <source>numbers, separated by commas</source>
        <translation>쉼표로 구분한 숫자</translation>
    </message>
    <message>
        <source>texts, separated by commas</source>
        <translation>쉼표로 구분한 텍스트</translation>
    </message>
    <message>
        <source>whole numbers from 1 on, separated by commas</source>
        <translation>쉼표로 구분한 1 이상의 정수</translation>
    </message>
    <message>
        <source>whole numbers, separated by commas</source>
        <translation>쉼표로 구분한 정수</translation>
    </message>
    <message>
        <source>{:g} min is short for these data on this computer.</source>
        <translation>이 컴퓨터에서 이 데이터를 학습하기에 {:g}분은 짧습니다.</translation>
    </message>
    <message>
        <source>{} ({} models)</source>
        <translation>{} (모델 {}개)</translation>
    </message>
    <message>
        <source>{} ({}: automatic)</source>
        <translation>{} ({}: 자동)</translation>
    </message>
    <message>
        <source>{} holds folds of an earlier version, which cannot be resumed: remove it.</source>
        <translation>{}에 이전 버전의 폴드가 있지만 이어서 학습할 수 없습니다. 이 폴더를 지우십시오.</translation>
    </message>
    <message>
        <source>{} is a model of an earlier training in folds with other data, options or version. Choose another name for the output, or replace that training with resume=false in the recipe (--no_resume in a shell).</source>
        <translation>{}은(는) 데이터, 옵션 또는 버전이 다른 이전 폴드 학습의 모델입니다. 출력에 다른 이름을 지정하거나, 레시피에 resume=false(셸에서는 --no_resume)를 지정하여 그 학습을 대체하십시오.</translation>
    </message>
    <message>
        <source>{} is not a file of weights that torch can read, or it is damaged: copy it again, or save it with torch.save(model.state_dict(), path).</source>
        <translation>{} 파일은 torch가 읽을 수 있는 가중치 파일이 아니거나 손상되었습니다. 다시 복사하거나 torch.save(model.state_dict(), path)로 저장하십시오.</translation>
    </message>
    <message>
        <source>{} whole numbers from 1 on, separated by commas</source>
        <translation>쉼표로 구분한 1 이상의 정수 {}개</translation>
    </message>
    <message>
        <source>{}, such as {}</source>
        <translation>{}(예: {})</translation>
    </message>
    <message>
        <source>The report also shows what a pixel classifier reaches on the same labels, with both streams and with the image alone: so you see whether the network is worth its time. It takes at most a minute. false: no comparison.</source>
        <translation>보고서에 같은 라벨로 픽셀 분류기가 도달하는 점수도 두 스트림을 모두 쓸 때와 영상만 쓸 때로 나누어 표시합니다. 네트워크가 시간을 들일 가치가 있는지 알 수 있습니다. 최대 1분이 걸립니다. false: 비교하지 않습니다.</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; 15 MB of the disk and less than a minute. It downloads nothing, and runs before &lt;i&gt;Set up DualStream&lt;/i&gt; too.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a scene to train on, with image (4 bands, 10 m), air quality (48 bands, about 110 m) and polygons of smoke and mist as labels; and a second scene with its own labels, to check a mask. Smoke and mist look the same in the image; only the air quality distinguishes them. A plugin installed from its zip also copies a starter model, trained on the first scene, to the same folder.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; click Run. A message above the map then opens the next dialog, filled in: &lt;i&gt;Segment with DualStream&lt;/i&gt;, which maps the second scene with the starter model, or &lt;i&gt;Train DualStream&lt;/i&gt; where the plugin has no starter model.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 디스크 공간 15 MB가 필요하며, 1분이 걸리지 않습니다. 아무것도 다운로드하지 않으며, &lt;i&gt;DualStream 환경 설치&lt;/i&gt; 전에도 실행할 수 있습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 학습용 영상 하나를 만듭니다. 여기에는 위성 영상(밴드 4개, 10 m), 대기질 래스터(밴드 48개, 약 110 m), 연기와 안개의 라벨 폴리곤이 있습니다. 마스크를 확인할 수 있도록 라벨이 있는 새 영상도 하나 더 만듭니다. 연기와 안개는 영상에서는 똑같아 보이며, 대기질로만 구별할 수 있습니다. ZIP 파일로 설치한 플러그인은 첫 번째 영상으로 학습한 시작 모델도 같은 폴더에 복사합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 실행을 클릭합니다. 그러면 맵 위에 메시지가 나타나고, 그 버튼을 클릭하면 다음 대화창이 필요한 값이 채워진 채로 열립니다. 시작 모델로 새 영상의 마스크를 만드는 &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;이 열리며, 플러그인에 시작 모델이 없으면 &lt;i&gt;DualStream 학습&lt;/i&gt;이 열립니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A model file from &lt;i&gt;Train DualStream&lt;/i&gt; or &lt;i&gt;Import weights&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; One file. An ONNX file takes pixel values as they are in the rasters and gives the probability of each class. It is compared with the model before it is kept. A model of two streams has two inputs, image and auxiliary, and needs both: give NaN where one is missing. A card states bands, classes, scores, training and licence: as a STAC item for catalogues, or in Markdown for a model hub.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; With the sample data: Model &lt;i&gt;starter-model.safetensors&lt;/i&gt;, File to write &lt;i&gt;model.onnx&lt;/i&gt;, then Run. The log says how close the file is to the model.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; &lt;i&gt;DualStream 학습&lt;/i&gt; 또는 &lt;i&gt;가중치 가져오기&lt;/i&gt;로 만든 모델 파일이 필요합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 파일 하나입니다. ONNX 파일은 래스터의 픽셀 값을 그대로 입력받아 클래스별 확률을 냅니다. 파일을 남기기 전에 결과를 원래 모델과 비교합니다. 스트림이 두 개인 모델은 image와 auxiliary 두 입력이 모두 필요합니다. 한쪽이 없는 곳에는 NaN을 넣으십시오. 모델 카드에는 밴드, 클래스, 점수, 학습, 라이선스가 나오며, 카탈로그용 STAC 항목이나 모델 허브용 Markdown으로 저장합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 예제 데이터를 사용하는 경우: 모델 &lt;i&gt;starter-model.safetensors&lt;/i&gt;, 저장할 파일 &lt;i&gt;model.onnx&lt;/i&gt;를 지정하고 실행을 클릭합니다. 내보낸 파일의 결과가 모델과 얼마나 가까운지 로그에 표시됩니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; The weights, and what they do not state: the classes, and how the images were scaled. It recognises by the names in the file: checkpoints of &lt;b&gt;CMX&lt;/b&gt; with MiT-B0 to B5 (.pth, .pt) and folders of &lt;b&gt;SegFormer&lt;/b&gt; as the Python package transformers saves them, which name their classes. For &lt;b&gt;segmentation-models-pytorch&lt;/b&gt;, also in a checkpoint of &lt;b&gt;Lightning&lt;/b&gt;, torchgeo or terratorch (.ckpt), name the network too. An &lt;b&gt;ONNX&lt;/b&gt; file is a whole network. No code in a file is run.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A model file for &lt;i&gt;Segment with DualStream&lt;/i&gt;, which can also be trained further, unless it comes from ONNX.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Examples:&lt;/b&gt; Weights &lt;i&gt;best.pth&lt;/i&gt;, Network &lt;i&gt;unet-resnet50&lt;/i&gt;, Classes &lt;i&gt;0 background&lt;/i&gt; and &lt;i&gt;1 building&lt;/i&gt;, Scaling of pixel values &lt;i&gt;imagenet&lt;/i&gt;, Tile size &lt;i&gt;224&lt;/i&gt;, Model &lt;i&gt;best.safetensors&lt;/i&gt;, then Run. For a folder of SegFormer only Weights and Model. For clouds by CMX from RGB and near infrared: Weights &lt;i&gt;cmx_best.pt&lt;/i&gt;, four Classes, Scaling of pixel values &lt;i&gt;imagenet&lt;/i&gt;, and under Advanced &lt;i&gt;0.5&lt;/i&gt; as the mean and &lt;i&gt;0.25&lt;/i&gt; as the standard deviation of the auxiliary bands.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 가중치와, 가중치에 들어 있지 않은 정보(클래스, 학습할 때 영상의 픽셀 값을 정규화한 방식)가 필요합니다. 다음은 파일에 들어 있는 이름으로 인식합니다: MiT-B0부터 B5까지를 사용하는 &lt;b&gt;CMX&lt;/b&gt;의 체크포인트(.pth, .pt), 파이썬 패키지 transformers로 저장한 &lt;b&gt;SegFormer&lt;/b&gt; 폴더(클래스도 들어 있음). &lt;b&gt;segmentation-models-pytorch&lt;/b&gt;의 가중치이면(&lt;b&gt;Lightning&lt;/b&gt;, torchgeo, terratorch의 체크포인트(.ckpt)도 가능) 신경망 구조도 지정하십시오. &lt;b&gt;ONNX&lt;/b&gt; 파일에는 신경망 전체가 들어 있습니다. 파일에 들어 있는 코드는 실행하지 않습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;에서 사용할 모델 파일입니다. ONNX에서 가져온 모델이 아니면 이어서 학습시킬 수도 있습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 가중치 &lt;i&gt;best.pth&lt;/i&gt;, 신경망 구조 &lt;i&gt;unet-resnet50&lt;/i&gt;, 클래스 &lt;i&gt;0 background&lt;/i&gt;와 &lt;i&gt;1 building&lt;/i&gt;, 픽셀 값 정규화 &lt;i&gt;imagenet&lt;/i&gt;, 타일 크기 &lt;i&gt;224&lt;/i&gt;, 모델 &lt;i&gt;best.safetensors&lt;/i&gt;를 지정하고 실행을 클릭합니다. SegFormer 폴더이면 가중치와 모델만 지정합니다. RGB와 근적외선으로 학습한 CMX로 구름을 찾는 경우: 가중치 &lt;i&gt;cmx_best.pt&lt;/i&gt;, 클래스 네 개, 픽셀 값 정규화 &lt;i&gt;imagenet&lt;/i&gt;을 지정하고, 고급 파라미터에서 보조 밴드의 평균에 &lt;i&gt;0.5&lt;/i&gt;, 표준 편차에 &lt;i&gt;0.25&lt;/i&gt;를 지정합니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; the internet, and space for 0.5 GB, or about 3.5 GB with support for NVIDIA cards. The log states the size before the download begins.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a folder with uv, Python and all packages for one system. Copy it to the other computer, for example with a USB stick, and choose it there in &lt;i&gt;Set up DualStream&lt;/i&gt; as &lt;i&gt;Folder of packages&lt;/i&gt;.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; System windows, graphics card none: the folder is right for any office computer with Windows.&lt;/p&gt;&lt;p&gt;You may cancel it at any time: what was downloaded is kept, and the next run with the same folder resumes. The proxy and the certificates are those of &lt;i&gt;Set up DualStream&lt;/i&gt;.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 인터넷 연결과 디스크 공간 0.5 GB(NVIDIA 카드를 지원하려면 약 3.5 GB)가 필요합니다. 정확한 크기는 다운로드를 시작하기 전에 로그에 표시됩니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 한 시스템에 필요한 uv, 파이썬, 모든 패키지가 들어 있는 폴더입니다. USB 메모리 등으로 이 폴더를 다른 컴퓨터에 복사하고, 그 컴퓨터의 &lt;i&gt;DualStream 환경 설치&lt;/i&gt;에서 &lt;i&gt;패키지 폴더&lt;/i&gt;로 선택하십시오.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 시스템에 windows, 그래픽 카드에 none을 지정하고 실행을 클릭합니다. 이 폴더는 Windows를 사용하는 모든 사무용 컴퓨터에 사용할 수 있습니다.&lt;/p&gt;&lt;p&gt;언제든지 취소할 수 있습니다. 이미 다운로드한 파일은 그대로 유지되며, 같은 폴더로 다시 실행하면 이어서 진행합니다. 프록시와 인증서는 &lt;i&gt;DualStream 환경 설치&lt;/i&gt;와 같은 것을 사용합니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>A model file whose training continues with these data: new labels, another town, another year. Network, encoder, tile size and chosen bands are that model&apos;s; leave those parameters as they are. The images need the same bands. Classes of the same name keep what the model knows of them. A tenth of the epochs is often enough. Empty: the training starts from the beginning.</source>
        <translation>이 데이터로 이어서 학습할 모델 파일입니다. 라벨, 도시, 연도가 새로 바뀐 경우에 사용합니다. 신경망 구조, 인코더, 타일 크기, 선택한 밴드는 이 모델을 따르므로 해당 파라미터는 그대로 두십시오. 영상에는 같은 밴드가 있어야 합니다. 이름이 같은 클래스에는 모델이 이미 학습한 내용이 유지됩니다. 대개 에포크는 1/10이면 충분합니다. 비워두면 처음부터 학습합니다.</translation>
    </message>
    <message>
        <source>A row for each class in the network&apos;s order: its value in the mask, its name and, if you like, its colour. A network with one output has two classes, background first. Empty: the classes that a folder of SegFormer or the metadata of an ONNX network name.</source>
        <translation>신경망의 클래스 순서대로 클래스마다 한 행씩 입력합니다: 마스크에서의 값, 이름, 필요하면 색상. 출력이 하나인 신경망에는 클래스가 두 개 있으며, 첫 번째가 배경입니다. 비워두면 SegFormer 폴더 또는 ONNX 신경망의 메타데이터에 있는 클래스를 사용합니다.</translation>
    </message>
    <message>
        <source>A threshold ({:g}) chooses between two classes; this model has {}, and the most probable one wins. Leave it out.</source>
        <translation>임계값({:g})은 두 클래스 가운데 하나를 고를 때 사용합니다. 이 모델에는 클래스가 {}개 있으며, 확률이 가장 높은 클래스를 선택합니다. 임계값을 빼십시오.</translation>
    </message>
    <message>
        <source>Cancelled: run it again with the same folder to resume; downloaded files are kept.</source>
        <translation>취소되었습니다. 같은 폴더로 다시 실행하면 이어서 진행합니다. 다운로드한 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Cut areas of a class where they become narrow, so that a row of touching houses becomes houses. Give the confidence raster too: the model is less sure between two houses than inside them, so that many more are separated. An L-shaped house stays one.</source>
        <translation>같은 클래스의 영역을 좁아지는 곳에서 잘라, 맞닿아 늘어선 집들을 한 채씩 나눕니다. 신뢰도 래스터도 지정하십시오. 모델은 집 안쪽보다 집과 집 사이에서 덜 확신하므로, 훨씬 더 많은 집을 구분할 수 있습니다. ㄱ자 모양의 집은 나누지 않습니다.</translation>
    </message>
    <message>
        <source>Each worker of a pool has one GPU, so the device {} cannot be used there: use cuda or auto.</source>
        <translation>작업 풀의 작업 프로세스는 GPU를 하나씩 사용하므로 {} 장치를 지정할 수 없습니다. cuda 또는 auto를 사용하십시오.</translation>
    </message>
    <message>
        <source>Empty fields keep the default of {}, which is shown in grey. Fields that differ from it are bold, and only these are written into the recipe.</source>
        <translation>비워둔 항목은 {} 신경망의 기본값을 사용하며, 기본값은 회색으로 표시됩니다. 기본값과 다른 항목은 굵게 표시되고, 그 항목만 레시피에 저장됩니다.</translation>
    </message>
    <message>
        <source>Existing files of the sample data are kept.</source>
        <translation>이미 있는 예제 데이터 파일은 그대로 유지됩니다.</translation>
    </message>
    <message>
        <source>Finished and kept beside {}: {} of {}; the same command resumes from there.</source>
        <translation>{0} 모델의 {2} 중 {1}개를 마쳤으며, 결과는 모델 파일 옆에 그대로 유지됩니다. 같은 명령을 실행하면 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>Finished and kept beside {}: {} of {}; the same command with resume (without --no_resume) resumes from there.</source>
        <translation>{0} 모델의 {2} 중 {1}개를 마쳤으며, 결과는 모델 파일 옆에 그대로 유지됩니다. 같은 명령을 resume을 켜고(--no_resume 없이) 실행하면 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>For a card: the licence under which you share the model, as an SPDX identifier such as CC-BY-4.0. Empty: the card does not state it. Weights that the training started from may restrict your choice: see Model information.</source>
        <translation>모델 카드에 적을, 모델을 공유하는 라이선스입니다. CC-BY-4.0 같은 SPDX 식별자로 입력합니다. 비워두면 모델 카드에 라이선스를 적지 않습니다. 학습을 시작한 가중치 때문에 선택이 제한될 수 있으므로 “모델 정보”를 확인하십시오.</translation>
    </message>
    <message>
        <source>From epoch {} on, the network memorised the training pixels: the validation loss rose from {} to {} while the training loss fell. The model has the weights of epoch {}; labels in more places or a stronger augmentation would help, more epochs would not.</source>
        <translation>에포크 {}부터 모델이 학습 픽셀을 외우는 과적합이 나타났습니다. 학습 손실은 줄었지만 검증 손실은 {}에서 {}(으)로 커졌습니다. 모델에는 에포크 {}의 가중치가 저장되었습니다. 더 많은 곳에 라벨을 만들거나 데이터 증강을 강화하면 도움이 되지만, 에포크를 늘리는 것은 도움이 되지 않습니다.</translation>
    </message>
    <message>
        <source>GDAL says: {}. Make the virtual raster again</source>
        <translation>GDAL 메시지: {}. 가상 래스터를 새로 만드십시오</translation>
    </message>
    <message>
        <source>Giving scenes of one name different names</source>
        <translation>이름이 같은 영상을 구별하는 중</translation>
    </message>
    <message>
        <source>How the training scaled its images. automatic: as the files state, or by the means and standard deviations below. imagenet: RGB by ImageNet&apos;s means, as most scripts do. given: by the means and standard deviations below. none: only divided by the largest pixel value.</source>
        <translation>학습할 때 영상 값을 조정한 방법입니다. automatic: 파일에 적힌 대로, 또는 아래의 평균과 표준 편차로 조정합니다. imagenet: 대부분의 스크립트처럼 ImageNet의 평균으로 RGB를 조정합니다. given: 아래의 평균과 표준 편차로 조정합니다. none: 가장 큰 픽셀 값으로 나누기만 합니다.</translation>
    </message>
    <message>
        <source>In {} the first tile has other classes than in fp32 on {:.1f} % of the pixels of which the model is sure: the run continues in fp32.</source>
        <translation>계산 정밀도 {}로 계산한 첫 타일에서 모델이 확신하는 픽셀의 {:.1f} %가 fp32와 다른 클래스가 되었습니다. fp32로 계속 실행합니다.</translation>
    </message>
    <message>
        <source>Its licence has conditions: {}.</source>
        <translation>사용을 제한하는 라이선스가 적용됩니다: {}.</translation>
    </message>
    <message>
        <source>Left out of the mosaics, because they have no coordinates, are not north up, or have a name that XML cannot hold: {} ({}).</source>
        <translation>모자이크에서 제외된 {}: {}. 좌표가 없거나, 북쪽이 위가 아니거나, 이름을 XML에 쓸 수 없습니다.</translation>
    </message>
    <message>
        <source>Masks that you have corrected inside the checked squares, class rasters or polygons from &lt;i&gt;Mask to polygons&lt;/i&gt;: their classes show which are rare, as those of the labels do.</source>
        <translation>확인한 정사각형 안에서 사용자가 수정한 마스크입니다. 클래스 래스터 또는 &lt;i&gt;마스크를 폴리곤으로&lt;/i&gt;가 저장한 폴리곤을 지정합니다. 라벨의 클래스와 마찬가지로 드문 클래스를 판단하는 데 사용합니다.</translation>
    </message>
    <message>
        <source>No submission was written, because it would lack scenes.</source>
        <translation>빠지는 영상이 있으므로 제출 파일을 저장하지 않았습니다.</translation>
    </message>
    <message>
        <source>None of {} could be segmented; {} gives the reason for each. The first, {}: {}</source>
        <translation>{} 가운데 하나도 세그멘테이션하지 못했습니다. 영상별 원인은 {} 파일에 있습니다. 첫 번째 영상 {}: {}</translation>
    </message>
    <message>
        <source>Not used, because they have no labelled pixel: {} of {}.</source>
        <translation>{1} 중 {0}개는 라벨이 있는 픽셀이 없어 사용하지 않습니다.</translation>
    </message>
    <message>
        <source>Objects of {}: {} of {} found, {} missed, and {} in the mask that are not in the labels.</source>
        <translation>{0} 클래스의 객체 {2}개 중 {1}개를 찾고 {3}개를 놓쳤습니다. 마스크에만 있는 객체는 {4}개입니다.</translation>
    </message>
    <message>
        <source>Of {}, {} is taken for {}: look whether their labels agree, and whether the bands can distinguish them.</source>
        <translation>{} 클래스의 {}가 {} 클래스로 잘못 분류됩니다. 두 클래스의 라벨이 일관된지, 밴드로 두 클래스를 구별할 수 있는지 확인하십시오.</translation>
    </message>
    <message>
        <source>Of {}, {} is taken for {}: look whether their labels agree, and whether the bands can distinguish them; if not, merge the classes.</source>
        <translation>{} 클래스의 {}가 {} 클래스로 잘못 분류됩니다. 두 클래스의 라벨이 일관된지, 밴드로 두 클래스를 구별할 수 있는지 확인하십시오. 구별할 수 없으면 두 클래스를 병합하십시오.</translation>
    </message>
    <message>
        <source>One of the {} processes of this training has stopped without a message, most likely because memory ran out. Choose a smaller batch size or tile size, or fewer processes.</source>
        <translation>이 학습의 프로세스 {}개 가운데 하나가 아무 메시지 없이 중단되었습니다. 메모리 부족일 가능성이 큽니다. 배치 크기나 타일 크기를 줄이거나 프로세스 수를 줄이십시오.</translation>
    </message>
    <message>
        <source>Only for segmentation-models-pytorch, whose weights do not name their network: pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3, or any other as smp:Architecture:encoder, such as smp:FPN:efficientnet-b4. Empty: the weights show it.</source>
        <translation>segmentation-models-pytorch에만 사용합니다. 그 가중치에는 신경망 구조가 적혀 있지 않습니다: pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3. 다른 신경망은 smp:Architecture:encoder 형식으로 입력합니다(예: smp:FPN:efficientnet-b4). 비워두면 가중치에서 신경망 구조를 알아냅니다.</translation>
    </message>
    <message>
        <source>Ray cannot be loaded ({}): install it again.</source>
        <translation>Ray를 불러올 수 없습니다({}). Ray를 다시 설치하십시오.</translation>
    </message>
    <message>
        <source>Resuming after epoch {} of {}.</source>
        <translation>이전 학습에서 에포크 {1}개 중 {0}개를 마친 상태부터 이어서 학습합니다.</translation>
    </message>
    <message>
        <source>Side of the training&apos;s images, a multiple of 32. Not set: what the files state, else 512.</source>
        <translation>학습에 쓰인 영상의 한 변 길이이며, 32의 배수입니다. 설정되지 않음: 파일에 있는 값. 파일에 없으면 512.</translation>
    </message>
    <message>
        <source>Squares of {} x {} px would be {:,} on the image {}, and at most {:,} are possible: give a larger size.</source>
        <translation>{3} 영상을 {0} x {1} px 정사각형으로 나누면 {2:,}개가 되지만, 최대 {4:,}개까지만 처리할 수 있습니다. 크기를 더 크게 지정하십시오.</translation>
    </message>
    <message>
        <source>The auxiliary stream adds nothing here: mIoU is {} with both streams and {} without it. Train without it, or look whether it lies in the right place and shows what distinguishes the classes.</source>
        <translation>이 데이터에서는 보조 스트림이 도움이 되지 않습니다. mIoU는 두 스트림을 모두 사용하면 {}, 보조 스트림 없이는 {}입니다. 보조 스트림 없이 학습하거나, 보조 래스터의 위치가 맞는지, 클래스를 구별할 수 있는 내용이 담겨 있는지 확인하십시오.</translation>
    </message>
    <message>
        <source>The best weights {} cannot be read ({}): remove the folder to start over.</source>
        <translation>가장 좋은 가중치를 저장한 {} 파일을 읽을 수 없습니다({}). 처음부터 다시 시작하려면 폴더를 삭제하십시오.</translation>
    </message>
    <message>
        <source>The class table inside {} is damaged ({}): segment the image again.</source>
        <translation>{} 파일에 들어 있는 클래스 테이블이 손상되었습니다({}). 영상을 다시 세그멘테이션하십시오.</translation>
    </message>
    <message>
        <source>The confidence raster of the same run, in percent. Each polygon gets the mean of its pixels in the field confidence, and touching objects are separated better.</source>
        <translation>같은 실행에서 만든 신뢰도 래스터(%)입니다. 각 폴리곤의 confidence 필드에 폴리곤 안 픽셀의 평균값이 저장되며, 맞닿은 객체를 더 잘 구분할 수 있습니다.</translation>
    </message>
    <message>
        <source>The device {} does not have enough memory for one tile of {} px: close other programs, choose another device, or train a model with a smaller encoder or smaller tiles.</source>
        <translation>{} 장치의 메모리가 {} px 타일 하나를 처리하기에 부족합니다. 다른 프로그램을 닫거나, 다른 장치를 선택하거나, 더 작은 인코더 또는 더 작은 타일로 모델을 학습시키십시오.</translation>
    </message>
    <message>
        <source>The ending of its name depends on its kind: .onnx, .json for stac, .md for markdown.</source>
        <translation>파일 이름의 확장자는 종류에 맞아야 합니다: onnx는 .onnx, stac은 .json, markdown은 .md.</translation>
    </message>
    <message>
        <source>The engine received a line that is {}.</source>
        <translation>엔진이 읽을 수 없는 행을 받았습니다: {}.</translation>
    </message>
    <message>
        <source>The file of weights {} cannot be read ({}): it is not a .safetensors file, or it is damaged.</source>
        <translation>{} 가중치 파일을 읽을 수 없습니다({}). .safetensors 파일이 아니거나 손상되었습니다.</translation>
    </message>
    <message>
        <source>The first epoch of this training replaces an unfinished training ({} of {}).</source>
        <translation>이 학습의 첫 에포크가 끝나면 끝나지 않은 이전 학습의 {}/{}를 버립니다.</translation>
    </message>
    <message>
        <source>The graphics card of the other computer. none: the processor is used (on a Mac Apple&apos;s graphics, too). nvidia: an NVIDIA card of the RTX 20 series or later, with a driver of version 580 or later. nvidia-older: an older NVIDIA card, or a driver from version 560 on. amd: an AMD card, Linux only.</source>
        <translation>다른 컴퓨터의 그래픽 카드입니다. none: CPU를 사용합니다(Mac에서는 Apple 그래픽도 사용). nvidia: RTX 20 시리즈 이상의 NVIDIA 카드와 버전 580 이상의 드라이버. nvidia-older: 그보다 오래된 NVIDIA 카드, 또는 버전 560 이상의 드라이버. amd: AMD 카드(Linux만 해당).</translation>
    </message>
    <message>
        <source>The image adds nothing here: mIoU is {} with both streams and {} without it. Train without it, or look whether it lies in the right place and shows what distinguishes the classes.</source>
        <translation>이 데이터에서는 영상이 도움이 되지 않습니다. mIoU는 두 스트림을 모두 사용하면 {}, 영상 없이는 {}입니다. 영상 없이 학습하거나, 영상의 위치가 맞는지, 클래스를 구별할 수 있는 내용이 담겨 있는지 확인하십시오.</translation>
    </message>
    <message>
        <source>The labels hold the class {}, which the mask does not know. If pixels outside the polygons are unknown, set unlabelled to ignored.</source>
        <translation>라벨의 {} 클래스가 마스크에 없습니다. 폴리곤 바깥의 픽셀이 어느 클래스인지 알 수 없으면 unlabelled를 ignored로 지정하십시오.</translation>
    </message>
    <message>
        <source>The labels {} are a coloured picture (3 bands) and no colour is known: name the class of each colour, such as 0=background=#000000 and 1=cloud=#ff0000.</source>
        <translation>{} 라벨은 컬러 영상(밴드 3개)인데, 색상에 해당하는 클래스가 지정되어 있지 않습니다. 0=background=#000000, 1=cloud=#ff0000과 같은 클래스 이름으로 색상마다 클래스를 지정하십시오.</translation>
    </message>
    <message>
        <source>The labels {} have the colour {} at row {}, column {} of the image (counted from 0), which is not a class; known are {}. Correct that pixel, or add a class name for the colour (value=name=#rrggbb). A lossy format such as JPEG changes colours: use PNG or GeoTIFF.</source>
        <translation>{0} 라벨에서 영상의 행 {2}, 열 {3}(0부터 셈)에 있는 {1} 색상은 어느 클래스에도 지정되어 있지 않습니다. 지정된 색상: {4}. 그 픽셀을 고치거나, 이 색상의 클래스 이름을 추가하십시오(값=이름=#rrggbb). JPEG 같은 손실 압축 포맷에서는 색상이 바뀌므로 PNG나 GeoTIFF를 사용하십시오.</translation>
    </message>
    <message>
        <source>The labels {} have the value {:g} at row {}, column {} of the image (counted from 0), which is not a class of this layout: its labels are pictures in the classes&apos; colours, or hold {}. Export the picture with its colours, or reclassify the raster.</source>
        <translation>{0} 라벨에서 영상의 행 {2}, 열 {3}(0부터 셈)에 있는 {1:g} 값은 이 구조의 클래스가 아닙니다. 이 구조의 라벨은 클래스 색상으로 칠한 영상이거나 다음 값으로 되어 있습니다: {4}. 영상을 색상과 함께 내보내거나 래스터를 재분류하십시오.</translation>
    </message>
    <message>
        <source>The labels {} hold the number {}, which their palette lacks: the file seems to be damaged. Export it again.</source>
        <translation>{} 라벨의 팔레트에 {} 값의 색상이 없습니다. 파일이 손상된 것 같습니다. 다시 내보내십시오.</translation>
    </message>
    <message>
        <source>The licence has conditions.</source>
        <translation>사용을 제한하는 라이선스가 적용됩니다.</translation>
    </message>
    <message>
        <source>The loss {!r} is not a function but {!r}.</source>
        <translation>{!r} 손실은 함수가 아니라 {!r}입니다.</translation>
    </message>
    <message>
        <source>The masks cannot lie among the images in {}, because the next run would take them for scenes: choose another output folder.</source>
        <translation>마스크를 영상이 있는 {} 폴더에 저장할 수 없습니다. 다음에 실행할 때 마스크를 영상으로 처리하게 됩니다. 다른 산출 폴더를 선택하십시오.</translation>
    </message>
    <message>
        <source>The model file {} is cut off or damaged: its weights take {} bytes, and {} are there. Copy or download it again.</source>
        <translation>{} 모델 파일이 잘렸거나 손상되었습니다. 가중치는 {}바이트여야 하는데 {}바이트만 있습니다. 다시 복사하거나 다운로드하십시오.</translation>
    </message>
    <message>
        <source>The model file {} is damaged, or its training went wrong: {} of its {} tensors contain NaN or infinity ({}). Take another file, or train the model again.</source>
        <translation>{0} 모델 파일이 손상되었거나 학습이 잘못되었습니다. 텐서 {2}개 중 {1}개에 NaN 또는 무한대가 있습니다({3}). 다른 파일을 사용하거나 모델을 다시 학습시키십시오.</translation>
    </message>
    <message>
        <source>The model {} reaches mIoU {:.3f} in validation ({}), after {} on {}, resumed after epoch {}.</source>
        <translation>{} 모델의 검증 mIoU는 {:.3f}입니다({}). 소요 시간 {}, 장치 {}. 에포크 {} 다음부터 이어서 학습했습니다.</translation>
    </message>
    <message>
        <source>The model {} was trained with {}, but {} has none.</source>
        <translation>{} 모델은 {}로 학습되었지만, 보조 래스터가 지정되지 않았습니다({}).</translation>
    </message>
    <message>
        <source>The network {} cannot be written as ONNX: it uses operations that ONNX does not have ({}).</source>
        <translation>{} 신경망을 ONNX로 저장할 수 없습니다. ONNX에 없는 연산을 사용합니다({}).</translation>
    </message>
    <message>
        <source>The output {} cannot be named {}, because its layer has the same name: names that begin with gpkg, sqlite_ or a special character, layer_styles and ogr_empty_table are reserved in a GeoPackage. Choose another name.</source>
        <translation>{} 산출 파일에 사용할 수 없는 이름입니다: {}. 이 이름은 레이어의 이름으로도 쓰이는데, gpkg, sqlite_ 또는 특수 문자로 시작하는 이름과 layer_styles, ogr_empty_table은 GeoPackage에서 예약되어 있습니다. 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The part of dualstream-dformer and cmx that sees the image. Automatic: EfficientNet-lite0, whose weights come with the engine; with a GPU that of the original network, if its weights can be fetched. The list shows size, licence and purpose; type mit-b0 to mit-b5 or any pyramid of timm by its name. Leave it as it is for any other network: its name includes the encoder.</source>
        <translation>dualstream-dformer와 cmx에서 영상을 처리하는 부분입니다. 자동: 엔진에 가중치가 들어 있는 EfficientNet-lite0을 사용합니다. GPU가 있고 원래 신경망의 인코더 가중치를 다운로드할 수 있으면 그 인코더를 사용합니다. 목록에 크기, 라이선스, 용도가 표시됩니다. mit-b0부터 mit-b5까지, 또는 timm의 피라미드 인코더는 이름을 직접 입력합니다. 다른 신경망은 이름에 인코더가 포함되어 있으므로 그대로 두십시오.</translation>
    </message>
    <message>
        <source>The report {} is incomplete ({}): the training continues.</source>
        <translation>{} 보고서가 완전하지 않습니다({}). 학습은 계속됩니다.</translation>
    </message>
    <message>
        <source>The scaling of both streams is measured again, because their values differ.</source>
        <translation>두 스트림의 값이 다르므로 픽셀 값 정규화를 다시 측정합니다.</translation>
    </message>
    <message>
        <source>The scaling of the auxiliary rasters is measured again, because their values differ.</source>
        <translation>보조 래스터의 값이 다르므로 보조 래스터의 픽셀 값 정규화를 다시 측정합니다.</translation>
    </message>
    <message>
        <source>The scaling of the image is measured again, because its values differ.</source>
        <translation>영상의 값이 다르므로 영상의 픽셀 값 정규화를 다시 측정합니다.</translation>
    </message>
    <message>
        <source>The scenes table {} is not text in UTF-8: save it as CSV UTF-8.</source>
        <translation>{} 영상 목록 테이블이 UTF-8 텍스트가 아닙니다. CSV UTF-8로 저장하십시오.</translation>
    </message>
    <message>
        <source>The system of the other computer. windows: Windows 10 or later. macos: a Mac with an Apple processor, macOS 14 or later. linux: Linux on a PC. linux-arm: Linux on an ARM processor.</source>
        <translation>다른 컴퓨터의 시스템입니다. windows: Windows 10 이상. macos: macOS 14 이상의 Apple 실리콘 Mac. linux: 일반 PC의 Linux. linux-arm: ARM 프로세서의 Linux.</translation>
    </message>
    <message>
        <source>The training&apos;s state {} cannot be read ({}): remove it to start over.</source>
        <translation>학습 상태를 저장한 {} 파일을 읽을 수 없습니다({}). 처음부터 다시 시작하려면 이 파일을 삭제하십시오.</translation>
    </message>
    <message>
        <source>The unfinished run was made with {}, which is not installed any more: install the Python package {} into DualStream&apos;s environment again, or delete the files beside the output whose names begin with OUTPUT.part, and start over.</source>
        <translation>끝나지 않은 실행에는 {} 라이브러리를 사용했지만, 이제 설치되어 있지 않습니다. DualStream 환경에 파이썬 패키지 {}을(를) 다시 설치하거나, 산출 파일 옆에서 이름이 OUTPUT.part로 시작하는 파일을 삭제하고 처음부터 다시 시작하십시오.</translation>
    </message>
    <message>
        <source>The verb {!r} cannot be served; these can: {}.</source>
        <translation>{!r} 명령은 처리할 수 없습니다. 사용할 수 있는 명령: {}.</translation>
    </message>
    <message>
        <source>The weights {} do not belong to a network that import knows (CMX, SegFormer and those of segmentation-models-pytorch): their names are {}. The program that made them can export ONNX, which import takes.</source>
        <translation>{} 가중치에 해당하는 신경망을 알 수 없습니다. import 명령은 CMX, SegFormer, segmentation-models-pytorch의 신경망만 인식합니다. 가중치에 들어 있는 이름: {}. 이 가중치를 만든 프로그램에서 ONNX로 내보내면 가져올 수 있습니다.</translation>
    </message>
    <message>
        <source>There is not enough free memory for {} tiles at a time: the run uses {}.</source>
        <translation>사용할 수 있는 메모리가 부족하여 타일을 한 번에 {}개씩 처리할 수 없습니다. {}개씩 처리합니다.</translation>
    </message>
    <message>
        <source>There is not enough memory for more.</source>
        <translation>메모리가 부족하여 더 늘릴 수 없습니다.</translation>
    </message>
    <message>
        <source>There was not enough memory for {} tiles at a time: the run continues with {}.</source>
        <translation>메모리가 부족하여 타일을 한 번에 {}개씩 처리할 수 없습니다. {}개씩 처리하며 계속합니다.</translation>
    </message>
    <message>
        <source>These scenes have no new mask. Repair them as the sentences say, or take them out of the list, and run the same command again: it computes only what is missing.</source>
        <translation>다음 영상에는 새 마스크가 없습니다. 아래 설명대로 문제를 해결하거나 목록에서 제외한 뒤 같은 명령을 다시 실행하십시오. 없는 마스크만 계산합니다.</translation>
    </message>
    <message>
        <source>Time for the whole training, with the calibration and the report at its end. The speed of this computer is measured first; the number and the length of the epochs are then chosen so that the training takes about this time. With epochs, it is the longest time. A training that is continued counts the minutes before the interruption; with more minutes than before it continues for longer. Empty: as long as the epochs take; the log shows how long after a minute.</source>
        <translation>끝에 하는 확률 보정과 보고서까지 포함하여 학습 전체에 쓸 시간입니다. 먼저 이 컴퓨터의 속도를 측정한 다음, 대략 이 시간에 학습이 끝나도록 에포크의 수와 길이를 정합니다. 에포크도 지정하면 이 값은 최대 시간이 됩니다. 이어서 하는 학습에서는 중단되기 전의 시간도 계산에 넣으며, 이전보다 긴 시간을 지정하면 그만큼 더 학습합니다. 비워두면 에포크를 모두 마칠 때까지 학습하며, 1분 뒤에 예상 시간이 로그에 표시됩니다.</translation>
    </message>
    <message>
        <source>With one stream only, {} is the same as SegFormer on the image alone. Give auxiliary rasters, such as near infrared, to fuse two streams.</source>
        <translation>{} 신경망에 스트림이 하나만 지정되어, 영상만 사용하는 SegFormer로 작동합니다. 두 스트림을 융합하려면 근적외선(NIR) 같은 보조 래스터를 지정하십시오.</translation>
    </message>
    <message>
        <source>Without PyTorch, squares are compared by brightness and texture: the full engine compares them by what they show.</source>
        <translation>PyTorch가 없어 정사각형을 밝기와 질감으로 비교합니다. 전체 엔진은 내용으로 비교합니다.</translation>
    </message>
    <message>
        <source>Without any polygon: {} of {}; all pixels there are background. If nobody has mapped them, leave these images out, or set unlabelled to ignored.</source>
        <translation>{1} 중 {0}개에는 폴리곤이 없으며, 이런 영상의 픽셀은 모두 배경으로 봅니다. 아직 라벨을 만들지 않은 영상이라면 제외하거나 unlabelled를 ignored로 지정하십시오.</translation>
    </message>
    <message>
        <source>automatic: as its shape shows. NCHW: bands before rows and columns, as PyTorch has them. NHWC: bands last, as TensorFlow has them.</source>
        <translation>automatic: 신경망의 입력 형태를 보고 정합니다. NCHW: PyTorch처럼 밴드가 행과 열보다 앞에 있습니다. NHWC: TensorFlow처럼 밴드가 맨 뒤에 있습니다.</translation>
    </message>
    <message>
        <source>automatic: as the network shows. logits: numbers of any size for each class. probabilities: from 0 to 1. classes: the class&apos;s value for each pixel.</source>
        <translation>automatic: 신경망에 적혀 있는 대로 정합니다. logits: 클래스마다 크기에 제한이 없는 수. probabilities: 0에서 1까지의 값. classes: 픽셀마다 클래스의 값.</translation>
    </message>
    <message>
        <source>it has {} characters, and at most {} are allowed</source>
        <translation>길이가 {}자인데 {}자 이하여야 합니다</translation>
    </message>
    <message>
        <source>it holds {}, which is not a number</source>
        <translation>숫자가 아닌 값이 있습니다({})</translation>
    </message>
    <message>
        <source>it is a folder, not a raster that GDAL can open</source>
        <translation>폴더이며, GDAL이 열 수 있는 래스터가 아닙니다</translation>
    </message>
    <message>
        <source>it is not a raster of its own; {}</source>
        <translation>래스터 파일이 아닙니다. {}</translation>
    </message>
    <message>
        <source>it is not a raster that GDAL can open</source>
        <translation>GDAL이 열 수 있는 래스터가 아닙니다</translation>
    </message>
    <message>
        <source>it names {}, and DualStream does not follow addresses that it finds in a file. Give the address itself, or download what lies there and use that</source>
        <translation>파일에 네트워크 주소가 적혀 있습니다({}). DualStream은 파일에 들어 있는 주소에 접속하지 않습니다. 주소를 직접 지정하거나, 그 주소의 자료를 다운로드하여 사용하십시오</translation>
    </message>
    <message>
        <source>its header holds values that are not text</source>
        <translation>헤더에 텍스트가 아닌 값이 있습니다</translation>
    </message>
    <message>
        <source>its header is not an object</source>
        <translation>헤더가 JSON 객체가 아닙니다</translation>
    </message>
    <message>
        <source>the file seems to be damaged. Copy or export it again</source>
        <translation>파일이 손상된 것 같습니다. 다시 복사하거나 내보내십시오</translation>
    </message>
    <message>
        <source>{} also contains parts outside of the network, which were left out: {}. If the program applies them to the image or to the result, the masks will differ.</source>
        <translation>{} 파일에는 신경망에 속하지 않는 내용도 있어 제외했습니다: {}. 원래 프로그램이 이를 영상이나 결과에 적용한다면 마스크가 달라집니다.</translation>
    </message>
    <message>
        <source>{} cannot be aligned: ground control points alone do not place pixels exactly. Rectify that raster first (Raster &gt; Projections &gt; Warp).</source>
        <translation>{} 파일을 정렬할 수 없습니다. 지상 기준점(GCP)만으로는 픽셀의 위치를 정확히 정할 수 없습니다. 먼저 파일을 보정하십시오(래스터 &gt; 투영체 &gt; 워프(재투영)).</translation>
    </message>
    <message>
        <source>{} cannot be read: its coordinate system is kept at {}, and DualStream does not follow addresses that it finds in a file. Assign the system (Raster &gt; Projections &gt; Assign).</source>
        <translation>{} 파일을 읽을 수 없습니다. 좌표계가 파일 바깥의 주소({})로 지정되어 있습니다. DualStream은 파일에 들어 있는 주소에 접속하지 않습니다. 좌표계를 직접 지정하십시오(래스터 &gt; 투영체 &gt; 투영체 적용).</translation>
    </message>
    <message>
        <source>{} cannot be read: its source {} does not exist. Put the file there, or make the virtual raster again.</source>
        <translation>{} 파일을 읽을 수 없습니다. 소스 파일이 없습니다: {}. 파일을 그 위치에 두거나 가상 래스터를 다시 만드십시오.</translation>
    </message>
    <message>
        <source>{} cannot be read: its source {}, which {} names, does not exist. Put the file there, or make the virtual raster again.</source>
        <translation>{} 파일을 읽을 수 없습니다. 소스 파일이 없습니다: {} ({} 파일에 적힌 경로). 파일을 그 위치에 두거나 가상 래스터를 다시 만드십시오.</translation>
    </message>
    <message>
        <source>{} computes its pixels by Python code, and DualStream does not run code that it finds in a file: write it as a GeoTIFF first (gdal_translate).</source>
        <translation>{} 파일은 파이썬 코드로 픽셀을 계산합니다. DualStream은 파일에 들어 있는 코드를 실행하지 않습니다. 먼저 GeoTIFF로 저장하십시오(gdal_translate).</translation>
    </message>
    <message>
        <source>{} contains NaN or infinity</source>
        <translation>NaN 또는 무한대가 있습니다: {}</translation>
    </message>
    <message>
        <source>{} files of {:,.0f} MB in all; {:,.0f} MB are there already, and {} are free</source>
        <translation>파일 {}개, 전체 {:,.0f} MB 중 {:,.0f} MB는 이미 있음, 디스크의 남은 공간 {}</translation>
    </message>
    <message>
        <source>{} has pixels without a size: from column and row to coordinates it gives {}. Assign its extent again (gdal_edit.py -a_ullr), or export it again.</source>
        <translation>{} 파일의 픽셀에 크기가 없습니다. 열과 행을 좌표로 바꾸는 변환 계수: {}. 범위를 다시 지정하거나(gdal_edit.py -a_ullr) 파일을 다시 내보내십시오.</translation>
    </message>
    <message>
        <source>{} holds more than weights ({}), and none of it was run: save only the weights, with torch.save(model.state_dict(), path), or export ONNX in the program that made it.</source>
        <translation>{} 파일에 가중치가 아닌 내용이 있습니다({}). 파일에 들어 있는 코드는 실행하지 않았습니다. torch.save(model.state_dict(), path)로 가중치만 저장하거나, 파일을 만든 프로그램에서 ONNX로 내보내십시오.</translation>
    </message>
    <message>
        <source>{} is missing or is not a kernel</source>
        <translation>{} 가중치가 없거나 합성곱 커널이 아닙니다</translation>
    </message>
    <message>
        <source>{} is not a field of the recipe, because it has a parameter of its own: {}.</source>
        <translation>{} 항목은 레시피에 넣을 수 없습니다. 별도의 파라미터인 {}에 지정하십시오.</translation>
    </message>
    <message>
        <source>{} is not a mask: it has {} of the type {}, and a mask has one band of whole numbers, the class of each pixel. Choose a mask, or polygons.</source>
        <translation>마스크가 아닙니다: {}({}, 데이터 유형 {}). 마스크는 각 픽셀의 클래스를 정수로 저장한 단일 밴드 래스터입니다. 마스크나 폴리곤을 선택하십시오.</translation>
    </message>
    <message>
        <source>{} is not a model file ({}): DualStream&apos;s are .safetensors files written by Train DualStream.</source>
        <translation>모델 파일이 아닙니다: {} ({}). DualStream 모델 파일은 “DualStream 학습”이 저장한 .safetensors 파일입니다.</translation>
    </message>
    <message>
        <source>{} says that it has {} bands, and DualStream reads up to {}. Write those that you need into a file of their own (gdal_translate -b), or export it again if its header is damaged.</source>
        <translation>{} 파일에 밴드가 {}개 있다고 되어 있지만, DualStream은 {}개까지 읽을 수 있습니다. 필요한 밴드만 별도의 파일로 저장하십시오(gdal_translate -b). 헤더가 손상되었으면 파일을 다시 내보내십시오.</translation>
    </message>
    <message>
        <source>{} says that it has {} x {} px, and no raster is so large: its header is damaged. Copy or export it again.</source>
        <translation>{} 파일의 크기가 {} x {} px로 되어 있지만, 이렇게 큰 래스터는 없으므로 헤더가 손상된 것입니다. 다시 복사하거나 내보내십시오.</translation>
    </message>
    <message>
        <source>{}: band {} is marked as transparency (alpha) and used as a mask, not as data; in use: {}. If it is data, such as near infrared, choose it by its number, or write the file again without that mark (gdal_translate -colorinterp_4 undefined).</source>
        <translation>{}: {}번 밴드가 투명도(알파)로 지정되어 있어 데이터가 아니라 마스크로 사용합니다. 사용하는 밴드: {}. 이 밴드가 근적외선(NIR) 같은 데이터이면 번호로 선택하거나, 투명도 지정 없이 파일을 다시 저장하십시오(gdal_translate -colorinterp_4 undefined).</translation>
    </message>
    <message>
        <source>{}: most values lie between {:g} and {:g}, those of the training between {:g} and {:g}. If they are on another scale (reflectance from 0 to 1 instead of 0 to 10000, say), the mask will be wrong: convert them to that of the training first (Raster &gt; Raster Calculator).</source>
        <translation>{}: 대부분의 값이 {:g}에서 {:g} 사이인데, 학습 데이터의 값은 {:g}에서 {:g} 사이입니다. 척도가 다르면(예: 반사율이 0~10000이 아니라 0~1) 마스크가 잘못됩니다. 먼저 값을 학습 데이터의 척도에 맞추십시오(래스터 &gt; 래스터 계산기).</translation>
    </message>
    <message>
        <source>Discarded {} of an earlier run of {}: its inputs, models, options or outputs differ.</source>
        <translation>{1} 마스크의 이전 실행 결과({0})를 사용하지 않습니다. 입력, 모델, 옵션 또는 산출물이 달라졌습니다.</translation>
    </message>
    <message>
        <source>Resuming at row {}.</source>
        <translation>이전 실행의 {}번째 행부터 이어서 진행합니다.</translation>
    </message>
    <message>
        <source>Rows kept from the run before: {}.</source>
        <translation>이전 실행에서 완료되어 그대로 유지된 행: {}개.</translation>
    </message>
    <message>
        <source>Tiles without data, not computed: {}.</source>
        <translation>데이터가 없어 계산하지 않은 타일: {}개.</translation>
    </message>
    <message>
        <source>Tiles: {}, the minimum for the chosen overlap.</source>
        <translation>타일 수: {}(지정한 중첩을 지키는 가장 적은 수).</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; A mask, or polygons made of one, and labels of the same land that the training did not see: a class raster, polygons, lines or points.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; A page for the Results Viewer: IoU, precision, recall and F1 of each class, which class is taken for which, how well outlines agree, how many objects such as buildings are found, and where mask and labels differ. If the labels are a random or stratified sample, it also estimates the area of each class with a 95 % confidence interval (Olofsson et al. 2014).&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; With the sample data: as Mask the one that &lt;i&gt;Segment with DualStream&lt;/i&gt; made of &lt;i&gt;unseen/image.tif&lt;/i&gt;, Labels &lt;i&gt;unseen/labels.gpkg&lt;/i&gt;, Field with the class &lt;i&gt;class&lt;/i&gt;, then Run. Read the sentences at the top of the page first.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 마스크(또는 마스크로 만든 폴리곤)와, 같은 지역의 라벨 가운데 학습에 쓰이지 않은 라벨이 필요합니다. 라벨은 클래스 래스터, 폴리곤, 라인 또는 포인트입니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 결과 뷰어에 표시되는 페이지입니다. 클래스별 IoU, 정밀도, 재현율, F1, 어느 클래스가 어느 클래스로 잘못 분류되는지, 외곽선이 얼마나 일치하는지, 건물 같은 객체를 몇 개나 찾았는지, 마스크와 라벨이 어디에서 다른지 보여 줍니다. 라벨이 무작위 표본 또는 층화 표본이면 클래스별 면적을 95% 신뢰구간과 함께 추정합니다(Olofsson et al. 2014).&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 예제 데이터를 사용하는 경우: 마스크에 &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;에서 &lt;i&gt;unseen/image.tif&lt;/i&gt; 영상으로 만든 마스크, 라벨에 &lt;i&gt;unseen/labels.gpkg&lt;/i&gt; 파일, 클래스 필드에 &lt;i&gt;class&lt;/i&gt;를 지정하고 실행을 클릭합니다. 페이지 맨 위의 문장부터 읽으십시오.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; an image and labels: polygons, lines or points with a field that names their class, or a raster of classes. If you have them, auxiliary rasters on any grid. A few hundred labelled pixels of each class in several places are a start.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; one model file, which &lt;i&gt;Segment with DualStream&lt;/i&gt; applies to whole scenes, and a report beside it.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Image: a satellite image; Labels: polygons of forest, water and fields, with their kind in the field &lt;i&gt;class&lt;/i&gt;; Field with the class: class; Auxiliary rasters: an elevation model; Time in minutes: 10; Model: land.safetensors. Run. Then apply land.safetensors to another image of the same bands.&lt;/p&gt;&lt;p&gt;The log shows the number of labelled pixels of each class, the accuracy after each validation, and the time left. If a training is cancelled or crashes, run it again with the same parameters: it continues after its last finished epoch.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 영상과 라벨이 필요합니다. 라벨은 클래스 이름이 적힌 필드가 있는 폴리곤, 라인, 포인트이거나 클래스 래스터입니다. 보조 래스터가 있으면 함께 사용하며, 보조 래스터의 그리드는 무엇이든 됩니다. 클래스마다 라벨이 있는 픽셀이 여러 곳에 수백 개 있으면 시작할 수 있습니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;에서 영상 전체에 적용할 모델 파일 하나와 그 옆에 저장되는 보고서입니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 영상에 위성 영상, 라벨에 숲, 물, 농경지의 폴리곤(종류는 &lt;i&gt;class&lt;/i&gt; 필드에 있음), 클래스 필드에 class, 보조 래스터에 수치 표고 모델(DEM), 학습 시간에 10, 모델에 land.safetensors 파일을 지정하고 실행을 클릭합니다. 그런 다음 land.safetensors 모델을 밴드가 같은 다른 영상에 적용합니다.&lt;/p&gt;&lt;p&gt;로그에는 클래스마다 라벨이 있는 픽셀의 수, 검증할 때마다 측정한 정확도, 남은 시간이 표시됩니다. 학습이 취소되거나 비정상 종료되면 같은 설정으로 다시 실행하십시오. 마지막으로 완료된 에포크 다음부터 이어서 진행합니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>A line among the labels stands for all pixels whose centre lies within half of this width of it. 0: only for the pixels that it crosses. For an image without coordinates in pixels.</source>
        <translation>라벨의 라인은 중심이 이 너비의 절반 거리 안에 있는 모든 픽셀을 나타냅니다. 0: 라인이 지나는 픽셀만 나타냅니다. 좌표가 없는 영상에서는 픽셀 단위입니다.</translation>
    </message>
    <message>
        <source>A point among the labels stands for all pixels whose centre lies within this distance of it. 0: only for the pixel in which it lies. For an image without coordinates in pixels.</source>
        <translation>라벨의 포인트는 중심이 이 거리 안에 있는 모든 픽셀을 나타냅니다. 0: 포인트가 놓인 픽셀만 나타냅니다. 좌표가 없는 영상에서는 픽셀 단위입니다.</translation>
    </message>
    <message>
        <source>Do not rely on the score of {} (IoU {}): it rests on {} marked pixels (below {}).</source>
        <translation>{} 클래스의 점수(IoU {})를 믿지 마십시오. 표시 픽셀 {}개만으로 계산한 점수입니다({}개 미만).</translation>
    </message>
    <message>
        <source>Labels (raster, polygons, lines or points)</source>
        <translation>라벨 (래스터, 폴리곤, 라인 또는 포인트)</translation>
    </message>
    <message>
        <source>Labels so far (raster or vector layer)</source>
        <translation>지금까지 만든 라벨 (래스터 또는 벡터 레이어)</translation>
    </message>
    <message>
        <source>Mark more of {}: {} marked pixels for training are few (below {}). Marks where the map is wrong help most, in several places.</source>
        <translation>{} 클래스를 더 표시하십시오. 학습에 쓰인 표시 픽셀이 {}개로 적습니다({}개 미만). 여러 곳에서, 지도가 틀린 곳을 표시하면 가장 도움이 됩니다.</translation>
    </message>
    <message>
        <source>Marked pixels on which the score rests: {:,} (95 % interval {:.2f} to {:.2f}).</source>
        <translation>점수의 근거가 된 표시 픽셀의 수: {:,} (95 % 구간 {:.2f}~{:.2f}).</translation>
    </message>
    <message>
        <source>Masks that you have corrected: class rasters, polygons from &lt;i&gt;Mask to polygons&lt;/i&gt;, or points and lines. They count inside the checked squares only, and there they override all labels; where no polygon is, is background. Of points and lines only what they mark counts. Give the model that made them as &lt;i&gt;Start from a model&lt;/i&gt;. In scripts a folder stands for a raster of each image&apos;s name.</source>
        <translation>사용자가 수정한 마스크입니다. 클래스 래스터, &lt;i&gt;마스크를 폴리곤으로&lt;/i&gt;가 저장한 폴리곤, 또는 포인트와 라인을 지정합니다. 확인한 정사각형 안에서만 사용하며, 그 안에서는 다른 모든 라벨보다 우선합니다. 폴리곤을 지정하면, 정사각형 안에서 폴리곤이 없는 곳은 배경으로 봅니다. 포인트와 라인은 표시한 픽셀만 사용합니다. 수정하기 전의 마스크를 만든 모델을 &lt;i&gt;기존 모델에서 시작&lt;/i&gt;에 지정하십시오. 스크립트에서 폴더를 지정하면 각 영상과 이름이 같은 래스터를 뜻합니다.</translation>
    </message>
    <message>
        <source>No polygon, line or point of the labels covers a pixel: do labels, area and image overlap, and do they have the right coordinate systems?</source>
        <translation>라벨의 폴리곤, 라인, 포인트가 픽셀을 하나도 덮지 않습니다. 라벨, 라벨 영역, 영상이 서로 겹치는지, 좌표계가 올바른지 확인하십시오.</translation>
    </message>
    <message>
        <source>Nothing is pasted (paste): among points and lines it is unknown where an object ends. Draw polygons to paste objects.</source>
        <translation>아무것도 붙여 넣지 않습니다(paste). 포인트와 라인으로는 객체가 어디에서 끝나는지 알 수 없습니다. 객체를 붙여 넣으려면 폴리곤을 그리십시오.</translation>
    </message>
    <message>
        <source>Pixels with marks of different classes: {:,}. There the later mark in the file counts; delete those that are wrong.</source>
        <translation>서로 다른 클래스로 표시된 픽셀의 수: {:,}. 이런 픽셀에는 파일에서 나중에 나오는 표시를 사용합니다. 잘못된 표시를 삭제하십시오.</translation>
    </message>
    <message>
        <source>Radius of points in metres</source>
        <translation>포인트의 반경 (미터)</translation>
    </message>
    <message>
        <source>The attribute with the class of each polygon, line or point. Empty: all are one class.</source>
        <translation>각 폴리곤, 라인 또는 포인트의 클래스가 들어 있는 속성입니다. 비워두면 모두 한 클래스입니다.</translation>
    </message>
    <message>
        <source>The attribute with the class of each polygon, line or point. Empty: all are one class. It is not used with a class raster.</source>
        <translation>각 폴리곤, 라인 또는 포인트의 클래스가 들어 있는 속성입니다. 비워두면 모두 한 클래스입니다. 클래스 래스터에는 사용하지 않습니다.</translation>
    </message>
    <message>
        <source>The known classes, in any coordinate system; best of land that the training did not see. Names or values of the classes are those of the mask. A point is the class of the pixel in which it lies, a line of the pixels that it crosses; then pixels without a mark are not compared, unless there is a labelled area.</source>
        <translation>알려진 클래스입니다. 어떤 좌표계든 사용할 수 있습니다. 학습에 쓰이지 않은 지역의 라벨이 가장 좋습니다. 클래스의 이름이나 값은 마스크와 같아야 합니다. 포인트는 그 포인트가 놓인 픽셀의 클래스를, 라인은 그 라인이 지나는 픽셀의 클래스를 나타냅니다. 포인트나 라인이 있으면, 라벨 영역을 지정하지 않는 한 표시하지 않은 픽셀은 비교하지 않습니다.</translation>
    </message>
    <message>
        <source>The known classes: a raster whose pixel values are classes, or a layer of polygons, lines and points, in any coordinate system. A point marks its pixel, a line the pixels that it crosses; where a layer holds points or lines, everything else is unknown, unless there is a labelled area. The recipe can make them larger (point_radius, line_width). With several images, one layer for all. The filter of a vector layer applies. Names and colours of a raster&apos;s values come from its palette, category names or attribute table, or from the style (.qml) saved beside it.</source>
        <translation>알려진 클래스입니다. 픽셀 값이 클래스인 래스터, 또는 폴리곤, 라인, 포인트로 된 레이어이며, 좌표계는 무엇이든 됩니다. 포인트는 그 포인트가 놓인 픽셀을, 라인은 그 라인이 지나는 픽셀을 나타냅니다. 레이어에 포인트나 라인이 있으면, 라벨 영역을 지정하지 않는 한 나머지 픽셀의 클래스는 알 수 없는 것으로 봅니다. 포인트와 라인의 크기는 레시피에서 키울 수 있습니다(point_radius, line_width). 영상이 여러 개여도 라벨은 레이어 하나입니다. 벡터 레이어의 필터가 적용됩니다. 래스터 값의 이름과 색상은 래스터의 팔레트, 범주 이름, 속성 테이블 또는 래스터와 함께 저장된 스타일(.qml)에서 가져옵니다.</translation>
    </message>
    <message>
        <source>The labels hold one class only ({}): a segmentation needs at least two. Are pixels outside the polygons to be background? Of points and lines, mark another class too.</source>
        <translation>라벨에 클래스가 하나뿐입니다({}). 세그멘테이션에는 클래스가 두 개 이상 필요합니다. 폴리곤 바깥의 픽셀을 배경으로 볼지 확인하십시오. 포인트와 라인이면 다른 클래스도 표시하십시오.</translation>
    </message>
    <message>
        <source>The layer {} cannot be placed on the image: one of the two names no coordinate system. Assign the right one and try again.</source>
        <translation>{} 레이어를 영상 위에 놓을 수 없습니다. 레이어와 영상 가운데 하나에 좌표계가 없습니다. 올바른 좌표계를 지정한 뒤 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>The layer {} cannot be read: {}.</source>
        <translation>{} 레이어를 읽을 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The layer {} has no field {!r}, and no other one.</source>
        <translation>{} 레이어에 {!r} 필드가 없으며, 다른 필드도 없습니다.</translation>
    </message>
    <message>
        <source>The layer {} has no field {!r}; it has: {}.</source>
        <translation>{} 레이어에 {!r} 필드가 없습니다. 레이어의 필드: {}.</translation>
    </message>
    <message>
        <source>The layer {} has no place in the image&apos;s coordinate system ({}): does it name the right one of its own?</source>
        <translation>{} 레이어를 영상의 좌표계로 변환할 수 없습니다({}). 레이어의 좌표계가 올바른지 확인하십시오.</translation>
    </message>
    <message>
        <source>The layer {} names a coordinate system that is kept elsewhere, and DualStream does not follow addresses that it finds in a file: save it again in a coordinate system that has a code.</source>
        <translation>{} 레이어의 좌표계가 파일 바깥의 주소로 지정되어 있습니다. DualStream은 파일에 들어 있는 주소에 접속하지 않습니다. 코드(예: EPSG)가 있는 좌표계로 다시 저장하십시오.</translation>
    </message>
    <message>
        <source>The part of the image that is labelled wholly, as the area of a training: what labels do not cover there is background. Empty: only what labels cover is labelled.</source>
        <translation>영상에서 라벨을 빠짐없이 만든 부분이며, 학습할 때의 라벨 영역과 같습니다. 이 영역에서 라벨이 덮지 않은 곳은 배경으로 봅니다. 비워두면 라벨이 덮은 곳만 라벨이 있는 것으로 봅니다.</translation>
    </message>
    <message>
        <source>What is labelled already, in any coordinate system: squares that touch it are left out, others should look different from it, and its classes show which are rare. Of polygons only their inside counts as labelled, of points and lines only their pixels, unless a labelled area is given.</source>
        <translation>이미 만든 라벨입니다. 좌표계는 무엇이든 됩니다. 라벨과 겹치는 정사각형은 제외하고, 나머지에서는 라벨이 있는 곳과 다르게 보이는 정사각형을 우선합니다. 드문 클래스도 이 라벨로 판단합니다. 라벨 영역을 지정하지 않는 한, 폴리곤은 그 안쪽만, 포인트와 라인은 그 픽셀만 라벨이 있는 것으로 봅니다.</translation>
    </message>
    <message>
        <source>Width of lines in metres</source>
        <translation>라인의 너비 (미터)</translation>
    </message>
    <message>
        <source>background: they are a class of their own. ignored: their class is unknown, and the network does not learn from them. With points or lines among the labels they are ignored too, unless there is a labelled area.</source>
        <translation>background: 하나의 별도 클래스로 봅니다. ignored: 클래스를 알 수 없으므로 신경망의 학습에 사용하지 않습니다. 라벨에 포인트나 라인이 있으면, 라벨 영역을 지정하지 않는 한 이때에도 학습에 사용하지 않습니다.</translation>
    </message>
    <message>
        <source>marked pixels on which the scores rest</source>
        <translation>점수의 근거가 된 표시 픽셀</translation>
    </message>
    <message>
        <source>{} holds no point, no line and no polygon with an area: nothing is marked.</source>
        <translation>{} 파일에 포인트, 라인, 면적이 있는 폴리곤이 하나도 없어, 표시된 곳이 없습니다.</translation>
    </message>
    <message>
        <source>{} holds no polygon with an area. An area, checked squares and a mask must be polygons.</source>
        <translation>{} 파일에 면적이 있는 폴리곤이 없습니다. 영역, 확인한 정사각형, 마스크는 폴리곤이어야 합니다.</translation>
    </message>
    <message>
        <source>{} holds shapes with coordinates that are not numbers: {} of {}, the first of them is number {}. Delete them or draw them again (Vector &gt; Geometry Tools &gt; Check Validity lists them).</source>
        <translation>좌표가 숫자가 아닌 도형이 있습니다: {0}. 도형 {2}개 중 {1}개이며, 첫 번째는 {3}번입니다. 해당 도형을 삭제하거나 다시 그리십시오(벡터 &gt; 도형 도구 &gt; 유효성 확인에서 목록을 볼 수 있습니다).</translation>
    </message>
    <message>
        <source>95 % interval of the mIoU</source>
        <translation>mIoU의 95 % 구간</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; an image, and a layer with a few marks of each class: points, lines or polygons with a field that names their class. Auxiliary rasters are optional. What is not marked is unknown.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a class map of the extent and, if you want them, its confidence and a model file, which &lt;i&gt;Segment with DualStream&lt;/i&gt; applies to whole scenes and from which &lt;i&gt;Train DualStream&lt;/i&gt; can start. The log says how well the sketch maps marks that it has not seen.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; zoom to a part of your image. Draw two lines on water and three on land in a layer with the field &lt;i&gt;class&lt;/i&gt;. Choose image, marks and field, click &lt;i&gt;Map view&lt;/i&gt; beside Extent, then Run. Add a line where the map is wrong, and run again: the engine stays ready for five minutes and remembers what it has seen of the image, so that it needs a second only.&lt;/p&gt;&lt;p&gt;It learns one layer on top of a fixed network: a training makes better maps from many labels, a sketch from few.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 영상, 그리고 클래스마다 몇 개의 표시가 있는 레이어입니다. 표시는 클래스 이름 필드가 있는 점, 선 또는 폴리곤입니다. 보조 래스터는 선택 사항입니다. 표시하지 않은 곳은 알 수 없는 것으로 봅니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만드는 것:&lt;/b&gt; 범위의 클래스 지도를 만듭니다. 원하면 신뢰도와 모델 파일도 만듭니다. 모델 파일은 &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;에서 장면 전체에 적용하고, &lt;i&gt;DualStream 학습&lt;/i&gt;의 시작으로 사용할 수 있습니다. 로그는 학습하지 않은 표시를 얼마나 잘 맞히는지 알려 줍니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 영상의 한 부분으로 확대합니다. &lt;i&gt;class&lt;/i&gt; 필드가 있는 레이어에 물 위에 선 두 개, 땅 위에 선 세 개를 그립니다. 영상, 표시, 필드를 고르고 범위 옆의 &lt;i&gt;맵 캔버스 범위&lt;/i&gt;를 누른 다음 실행합니다. 지도가 틀린 곳에 선을 더하고 다시 실행합니다. 엔진은 5분 동안 준비되어 있고 본 것을 기억하므로 1초면 됩니다.&lt;/p&gt;&lt;p&gt;고정된 신경망 위에 한 층만 학습합니다. 라벨이 많으면 학습이, 적으면 스케치가 더 나은 지도를 만듭니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>&lt;p&gt;&lt;b&gt;What it needs:&lt;/b&gt; the internet once, or the downloaded package in the folder. Choose the model whose bands your images have, and how they store reflectance: the model is made for that, and an image of another scale would get a wrong mask. &lt;i&gt;Segment with DualStream&lt;/i&gt; shows in orange if the values do not fit.&lt;/p&gt;&lt;p&gt;&lt;b&gt;What it makes:&lt;/b&gt; a model file in the folder. A message offers to segment with it. The light engine is enough.&lt;/p&gt;&lt;p&gt;&lt;b&gt;Example:&lt;/b&gt; Model &lt;i&gt;clouds-snow-water-4-bands&lt;/i&gt;, Values of your images &lt;i&gt;reflectance-0-10000&lt;/i&gt;, then Run. Click the button of the message, choose a Sentinel-2 image with blue, green, red and near infrared in this order (or name the bands under Advanced, such as 3,2,1,4), and Run.&lt;/p&gt;&lt;p&gt;Under the model&apos;s field the dialog shows what it maps, its bands, the products that it was trained on, the size, who made it and its licence. The page &lt;i&gt;Get a model&lt;/i&gt; of the help lists them.&lt;/p&gt;</source>
        <translation>&lt;p&gt;&lt;b&gt;필요한 것:&lt;/b&gt; 인터넷 연결(한 번) 또는 폴더에 미리 내려받은 패키지. 영상의 밴드와 같은 밴드를 쓰는 모델을 고르고, 영상에 반사율이 저장된 방식을 지정합니다. 모델은 그 방식에 맞게 만들어지므로 값의 범위가 다른 영상에서는 마스크가 틀립니다. 값이 맞지 않으면 &lt;i&gt;DualStream으로 분할&lt;/i&gt;이 주황색으로 알려 줍니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;만들어지는 것:&lt;/b&gt; 폴더에 모델 파일이 저장됩니다. 이어서 분할을 실행할 수 있는 버튼이 메시지에 나타납니다. 경량 엔진으로 충분합니다.&lt;/p&gt;&lt;p&gt;&lt;b&gt;예:&lt;/b&gt; 모델 &lt;i&gt;clouds-snow-water-4-bands&lt;/i&gt;, 영상의 값 &lt;i&gt;reflectance-0-10000&lt;/i&gt;을 선택하고 실행합니다. 메시지의 버튼을 누르고, 청색·녹색·적색·근적외 순서의 Sentinel-2 영상을 선택한 뒤(순서가 다르면 고급에서 3,2,1,4처럼 밴드를 지정) 실행합니다.&lt;/p&gt;&lt;p&gt;모델 필드 아래에 분할 대상, 밴드, 학습에 쓰인 자료, 크기, 제작자, 라이선스가 표시됩니다. 전체 목록은 도움말의 &lt;i&gt;모델 받기&lt;/i&gt; 페이지에 있습니다.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>A mark must lie inside the image.</source>
        <translation>표시는 영상 안에 있어야 합니다.</translation>
    </message>
    <message>
        <source>Add a class</source>
        <translation>클래스 추가</translation>
    </message>
    <message>
        <source>All marks are of one class, {}: mark another class too.</source>
        <translation>모든 표시가 한 클래스 {}입니다. 다른 클래스도 표시하십시오.</translation>
    </message>
    <message>
        <source>An update learns from marks of every class of the model: mark at least one place, right or wrong on the map, of {}.</source>
        <translation>업데이트는 모델의 모든 클래스의 표시에서 학습합니다. 지도에서 맞든 틀리든 {}을(를) 한 곳 이상 표시하십시오.</translation>
    </message>
    <message>
        <source>Choose a folder for the model: QGIS deletes a temporary one when it is closed.</source>
        <translation>모델을 저장할 폴더를 지정하십시오. 임시 폴더는 QGIS를 닫으면 삭제됩니다.</translation>
    </message>
    <message>
        <source>Choose a folder for the model: {} is not one.</source>
        <translation>모델을 저장할 폴더를 지정하십시오. {}은(는) 폴더가 아닙니다.</translation>
    </message>
    <message>
        <source>Choose an image at the top.</source>
        <translation>위에서 영상을 선택하십시오.</translation>
    </message>
    <message>
        <source>Class map</source>
        <translation>클래스 지도</translation>
    </message>
    <message>
        <source>Click for a point, drag for a stroke</source>
        <translation>클릭하면 점, 끌면 선을 그립니다</translation>
    </message>
    <message>
        <source>Click or drag over marks</source>
        <translation>표시를 클릭하거나 표시 위로 끕니다</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>색</translation>
    </message>
    <message>
        <source>Colour of the class</source>
        <translation>클래스의 색</translation>
    </message>
    <message>
        <source>Confidence of the sketch of {}</source>
        <translation>{} 스케치의 신뢰도</translation>
    </message>
    <message>
        <source>Downloads a finished model of real land, ready to segment with.</source>
        <translation>실제 영상으로 학습된 완성 모델을 내려받아 바로 분할할 수 있게 합니다.</translation>
    </message>
    <message>
        <source>Draw with QGIS&apos;s own tool</source>
        <translation>QGIS의 도구로 그립니다</translation>
    </message>
    <message>
        <source>DualStream Label</source>
        <translation>DualStream 라벨링</translation>
    </message>
    <message>
        <source>Empty: a map is learnt from the marks alone. A model: its map is corrected by the marks.</source>
        <translation>비우면 표시만으로 지도를 학습합니다. 모델을 지정하면 그 모델의 지도를 표시로 수정합니다.</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>지우기</translation>
    </message>
    <message>
        <source>Erase marks</source>
        <translation>표시 지우기</translation>
    </message>
    <message>
        <source>Fetching the picture, square {} of {}</source>
        <translation>그림을 가져오는 중: 사각형 {}/{}</translation>
    </message>
    <message>
        <source>Fetching {:,} x {:,} px of {} from {}. Whether its terms of use allow that is your business: check them.</source>
        <translation>{:,} x {:,} 픽셀의 {} 그림을 {}에서 가져옵니다. 이용 약관이 이를 허용하는지는 사용자가 직접 확인해야 합니다.</translation>
    </message>
    <message>
        <source>Folder for the model</source>
        <translation>모델 폴더</translation>
    </message>
    <message>
        <source>Further rasters of any coordinate system and resolution. Their bands are stacked in this order.</source>
        <translation>좌표계와 해상도에 제한이 없는 추가 래스터입니다. 밴드를 이 순서로 쌓습니다.</translation>
    </message>
    <message>
        <source>Get a model</source>
        <translation>모델 받기</translation>
    </message>
    <message>
        <source>Ground resolution of a web map (m per pixel)</source>
        <translation>웹 지도의 지상 해상도(픽셀당 m)</translation>
    </message>
    <message>
        <source>Hide map ({})</source>
        <translation>지도 숨기기({})</translation>
    </message>
    <message>
        <source>How your images store reflectance; the layer&apos;s properties (Information) show the range of its values. reflectance-0-10000: times 10000. reflectance-0-1: as it is. sentinel2-since-2022: the numbers of Sentinel-2 products since January 2022, times 10000 plus 1000. landsat-surface: the numbers of Landsat Collection 2, surface reflectance.</source>
        <translation>영상에 반사율이 저장된 방식입니다. 값의 범위는 레이어 속성(정보)에서 볼 수 있습니다. reflectance-0-10000: 반사율 x 10000. reflectance-0-1: 반사율 그대로. sentinel2-since-2022: 2022년 1월 이후 Sentinel-2 산출물의 값(반사율 x 10000 + 1000). landsat-surface: Landsat Collection 2 지표 반사율의 값.</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>키</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>라벨링</translation>
    </message>
    <message>
        <source>Landsat and Sentinel-2 Level-1C, reflectance at the top of the atmosphere</source>
        <translation>Landsat 및 Sentinel-2 Level-1C, 대기 상층 반사율</translation>
    </message>
    <message>
        <source>Landsat and Sentinel-2 Level-2A, reflectance of the surface</source>
        <translation>Landsat 및 Sentinel-2 Level-2A, 지표 반사율</translation>
    </message>
    <message>
        <source>Learning from the marks</source>
        <translation>표시에서 학습하는 중</translation>
    </message>
    <message>
        <source>Learns from a few points, lines or polygons in seconds, and maps what you see.</source>
        <translation>몇 개의 점, 선, 폴리곤에서 몇 초 만에 학습하여 보고 있는 곳의 지도를 만듭니다.</translation>
    </message>
    <message>
        <source>Licence {}, by {}</source>
        <translation>라이선스 {}, 제작 {}</translation>
    </message>
    <message>
        <source>Lower end of its interval</source>
        <translation>구간의 하한</translation>
    </message>
    <message>
        <source>Map of the view</source>
        <translation>화면의 지도</translation>
    </message>
    <message>
        <source>Map the scene…</source>
        <translation>장면 전체 지도…</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>표시하기</translation>
    </message>
    <message>
        <source>Mark at least two classes: choose a class, then click on the map for a point or drag for a stroke. So far: {}</source>
        <translation>두 클래스 이상을 표시하십시오. 클래스를 선택하고 지도에서 클릭하면 점, 끌면 선을 그립니다. 지금까지: {}</translation>
    </message>
    <message>
        <source>Marked areas</source>
        <translation>표시한 영역</translation>
    </message>
    <message>
        <source>Marked pixels</source>
        <translation>표시된 픽셀</translation>
    </message>
    <message>
        <source>Marks</source>
        <translation>표시</translation>
    </message>
    <message>
        <source>Marks (points, lines, polygons or raster)</source>
        <translation>표시(점, 선, 폴리곤 또는 래스터)</translation>
    </message>
    <message>
        <source>Marks are saved in</source>
        <translation>표시를 저장할 파일</translation>
    </message>
    <message>
        <source>Mean IoU on marks that it had not seen</source>
        <translation>학습하지 않은 표시의 평균 IoU</translation>
    </message>
    <message>
        <source>Model file</source>
        <translation>모델 파일</translation>
    </message>
    <message>
        <source>Model to correct</source>
        <translation>수정할 모델</translation>
    </message>
    <message>
        <source>Next doubtful place ({})</source>
        <translation>다음 불확실한 곳({})</translation>
    </message>
    <message>
        <source>No mark lies on a pixel of the image that has a value: do labels and image overlap, and do they have the right coordinate systems?</source>
        <translation>값이 있는 영상 픽셀에 놓인 표시가 없습니다. 라벨과 영상이 겹치는지, 좌표계가 올바른지 확인하십시오.</translation>
    </message>
    <message>
        <source>No mark lies on the image: do labels and image overlap, and do they have the right coordinate systems?</source>
        <translation>영상에 놓인 표시가 없습니다. 라벨과 영상이 겹치는지, 좌표계가 올바른지 확인하십시오.</translation>
    </message>
    <message>
        <source>Only for an image that is a layer of a web service: its picture is fetched at the layer&apos;s zoom level nearest to this. Not set: the model&apos;s ground resolution. A training fetches the land around its labels.</source>
        <translation>영상이 웹 서비스 레이어일 때만 쓰입니다. 이 값에 가장 가까운 레이어의 확대 수준에서 그림을 가져옵니다. 지정하지 않으면 모델의 지상 해상도를 사용합니다. 학습에서는 라벨 주변을 가져옵니다.</translation>
    </message>
    <message>
        <source>Opacity of the map of the view</source>
        <translation>화면의 지도의 불투명도</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>폴리곤</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>제거</translation>
    </message>
    <message>
        <source>Remove a mark</source>
        <translation>표시 제거</translation>
    </message>
    <message>
        <source>Rename a class</source>
        <translation>클래스 이름 변경</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>모양</translation>
    </message>
    <message>
        <source>Sketch a map</source>
        <translation>지도 스케치</translation>
    </message>
    <message>
        <source>Sketch of {}</source>
        <translation>{} 스케치</translation>
    </message>
    <message>
        <source>Take the last mark back ({})</source>
        <translation>마지막 표시를 되돌립니다({})</translation>
    </message>
    <message>
        <source>The bands to use, in this order. Nothing selected: all bands.</source>
        <translation>사용할 밴드를 이 순서로 고릅니다. 선택하지 않으면 모든 밴드입니다.</translation>
    </message>
    <message>
        <source>The class {} has marks: erase them first.</source>
        <translation>클래스 {}에 표시가 있습니다. 먼저 표시를 지우십시오.</translation>
    </message>
    <message>
        <source>The extent has {} x {} px, {:,.0f} million; a sketch maps up to {} million: give a smaller extent, or map the whole image with the sketch&apos;s model (output_model) and segment.</source>
        <translation>범위는 {} x {} px, {:,.0f}백만 픽셀입니다. 스케치는 최대 {}백만 픽셀까지 지도를 만듭니다. 더 작은 범위를 지정하거나, 스케치의 모델(output_model)과 segment로 영상 전체의 지도를 만드십시오.</translation>
    </message>
    <message>
        <source>The known classes, in any coordinate system: a point marks its pixel, a line the pixels that it crosses, a polygon those inside it; everything else is unknown. Marks outside the extent count too. A raster of classes will do as well. The filter of a vector layer applies.</source>
        <translation>알고 있는 클래스이며 좌표계는 무엇이든 됩니다. 점은 그 픽셀을, 선은 지나는 픽셀을, 폴리곤은 안쪽 픽셀을 표시합니다. 나머지는 알 수 없는 것으로 봅니다. 범위 밖의 표시도 사용합니다. 클래스 래스터도 됩니다. 벡터 레이어의 필터가 적용됩니다.</translation>
    </message>
    <message>
        <source>The layer {} has no coordinate system: set the right one first.</source>
        <translation>레이어 {}에 좌표계가 없습니다. 먼저 올바른 좌표계를 지정하십시오.</translation>
    </message>
    <message>
        <source>The layer {} is a map of the web ({}): choose under Extent the part to fetch. The button Map view takes what the map shows.</source>
        <translation>레이어 {}은(는) 웹 지도입니다({}). 가져올 부분을 범위에서 지정하십시오. 지도 화면 버튼은 지금 지도에 보이는 범위를 사용합니다.</translation>
    </message>
    <message>
        <source>The layer {} is a map of the web, and nothing says how fine the picture of it should be: give the ground resolution of the web map (WEB_RESOLUTION, under Advanced) in m per pixel, such as 0.3 for houses or 10 for fields.</source>
        <translation>레이어 {}은(는) 웹 지도인데 그림의 해상도가 정해지지 않았습니다. 고급에서 웹 지도의 지상 해상도(WEB_RESOLUTION)를 픽셀당 m로 지정하십시오. 예: 건물 0.3, 농경지 10.</translation>
    </message>
    <message>
        <source>The map of the view has no further doubtful place: move the map on.</source>
        <translation>화면의 지도에 더 이상 불확실한 곳이 없습니다. 지도를 옮기십시오.</translation>
    </message>
    <message>
        <source>The map of the view needs packages that are not installed yet.</source>
        <translation>화면의 지도를 만드는 데 필요한 패키지가 아직 설치되지 않았습니다.</translation>
    </message>
    <message>
        <source>The map of {}. Mark what is wrong, and click Update.</source>
        <translation>{}의 지도입니다. 틀린 곳을 표시하고 업데이트를 클릭하십시오.</translation>
    </message>
    <message>
        <source>The map shows no part of the image: right-click its layer &gt; Zoom to Layer.</source>
        <translation>지도에 영상이 보이지 않습니다. 영상 레이어를 마우스 오른쪽 버튼으로 클릭하고 레이어로 확대/축소를 선택하십시오.</translation>
    </message>
    <message>
        <source>The marks cannot be written to {}: {}. Choose another file for the marks.</source>
        <translation>표시를 {}에 쓸 수 없습니다: {}. 표시를 저장할 다른 파일을 선택하십시오.</translation>
    </message>
    <message>
        <source>The marks could not be saved in {}: {}</source>
        <translation>표시를 {}에 저장하지 못했습니다: {}</translation>
    </message>
    <message>
        <source>The marks {} cannot be changed: the file is read-only. Choose another file for the marks.</source>
        <translation>표시 {}을(를) 변경할 수 없습니다. 읽기 전용 파일입니다. 표시를 저장할 다른 파일을 선택하십시오.</translation>
    </message>
    <message>
        <source>The model cannot be downloaded from here. Check the internet connection and Settings &gt; Options &gt; Network &gt; Proxy. Or download {} with a browser on any computer, put the file into {}, and run this again.</source>
        <translation>여기서는 모델을 내려받을 수 없습니다. 인터넷 연결과 설정 &gt; 옵션 &gt; 네트워크 &gt; 프록시를 확인하십시오. 또는 다른 컴퓨터의 브라우저로 {}을(를) 내려받아 {}에 넣고 다시 실행하십시오.</translation>
    </message>
    <message>
        <source>The model cannot be saved as {}: {}.</source>
        <translation>모델을 {}(으)로 저장할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>The model cannot be written to {}: {}. Choose another folder.</source>
        <translation>{}에 모델을 쓸 수 없습니다: {}. 다른 폴더를 지정하십시오.</translation>
    </message>
    <message>
        <source>The model file is written here, by the name of the model. A package of the list that lies here is used instead of a download.</source>
        <translation>모델 파일이 모델 이름으로 여기에 저장됩니다. 목록의 패키지가 이 폴더에 있으면 내려받지 않고 그것을 사용합니다.</translation>
    </message>
    <message>
        <source>The model is made for images whose values are {}.</source>
        <translation>값이 {}인 영상을 위한 모델을 만듭니다.</translation>
    </message>
    <message>
        <source>The model is trained further on all marks…</source>
        <translation>모든 표시로 모델을 이어서 학습하고 있습니다…</translation>
    </message>
    <message>
        <source>The model is {}.</source>
        <translation>모델은 {}입니다.</translation>
    </message>
    <message>
        <source>The model of the sketch (.safetensors), to map whole scenes with &lt;i&gt;Segment with DualStream&lt;/i&gt;, or to start a training from.</source>
        <translation>스케치의 모델(.safetensors)입니다. &lt;i&gt;DualStream으로 세그멘테이션&lt;/i&gt;에서 장면 전체의 지도를 만들거나 학습의 시작으로 사용합니다.</translation>
    </message>
    <message>
        <source>The network, by what it maps and its bands.</source>
        <translation>분할 대상과 밴드로 구분한 신경망입니다.</translation>
    </message>
    <message>
        <source>The option {} is missing: sketch needs image, labels and output.</source>
        <translation>옵션 {}이(가) 없습니다. sketch에는 image, labels, output이 필요합니다.</translation>
    </message>
    <message>
        <source>The output {} is an input or another output too: give another name.</source>
        <translation>출력 {}은(는) 입력이거나 다른 출력이기도 합니다. 다른 이름을 지정하십시오.</translation>
    </message>
    <message>
        <source>The part to map, of up to 16 million pixels, in any coordinate system. Empty: the whole image. The button Map view takes what the map shows.</source>
        <translation>지도를 만들 부분으로 최대 1,600만 픽셀이며 좌표계는 무엇이든 됩니다. 비우면 영상 전체입니다. 맵 캔버스 범위 버튼은 지도에 보이는 범위를 사용합니다.</translation>
    </message>
    <message>
        <source>The picture of {} is kept: {}</source>
        <translation>{}의 그림을 보관했습니다: {}</translation>
    </message>
    <message>
        <source>The picture of {} is there from an earlier run: {}. Remove it to fetch it again.</source>
        <translation>이전 실행에서 가져온 {}의 그림을 사용합니다: {}. 다시 가져오려면 이 파일을 삭제하십시오.</translation>
    </message>
    <message>
        <source>The picture of {} would have {:,} x {:,} px ({:,.0f} million pixels), and at most {:,.0f} million are fetched from a web service: choose a smaller extent, or a coarser resolution (WEB_RESOLUTION, under Advanced).</source>
        <translation>{}의 그림은 {:,} x {:,} 픽셀({:,.0f}백만 픽셀)이 되는데, 웹 서비스에서는 {:,.0f}백만 픽셀까지만 가져옵니다. 더 작은 범위나 더 거친 해상도(고급의 WEB_RESOLUTION)를 지정하십시오.</translation>
    </message>
    <message>
        <source>The raster to map. It defines the grid of the map.</source>
        <translation>지도를 만들 래스터입니다. 지도의 격자를 정합니다.</translation>
    </message>
    <message>
        <source>The update was cancelled.</source>
        <translation>업데이트를 취소했습니다.</translation>
    </message>
    <message>
        <source>The updated model cannot be saved: {}.</source>
        <translation>업데이트한 모델을 저장할 수 없습니다: {}.</translation>
    </message>
    <message>
        <source>There are no marks yet to train on.</source>
        <translation>학습할 표시가 아직 없습니다.</translation>
    </message>
    <message>
        <source>There is a class {} already: choose another name.</source>
        <translation>클래스 {}이(가) 이미 있습니다. 다른 이름을 선택하십시오.</translation>
    </message>
    <message>
        <source>There is no augmentation {}; do you mean {}?</source>
        <translation>{} 데이터 증강이 없습니다. 혹시 {}입니까?</translation>
    </message>
    <message>
        <source>There is no loss {}; do you mean {}?</source>
        <translation>{} 손실이 없습니다. 혹시 {}입니까?</translation>
    </message>
    <message>
        <source>There is no map of the view yet that could be extended to the scene.</source>
        <translation>장면 전체로 넓힐 화면의 지도가 아직 없습니다.</translation>
    </message>
    <message>
        <source>This run is long enough for bf16, which is faster on this processor. Shorter runs compute in fp32, so single pixels of their masks may differ: the precision fp32 gives the same mask in every run.</source>
        <translation>이번 실행은 길어서 이 프로세서에서 더 빠른 bf16으로 계산합니다. 짧은 실행은 fp32로 계산하므로 마스크의 일부 픽셀이 다를 수 있습니다. 정밀도를 fp32로 지정하면 언제나 같은 마스크가 나옵니다.</translation>
    </message>
    <message>
        <source>Trains the model further on all marks</source>
        <translation>모든 표시로 모델을 이어서 학습합니다</translation>
    </message>
    <message>
        <source>Train…</source>
        <translation>학습…</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>실행 취소</translation>
    </message>
    <message>
        <source>Undo update</source>
        <translation>업데이트 취소</translation>
    </message>
    <message>
        <source>Update</source>
        <translation>업데이트</translation>
    </message>
    <message>
        <source>Update of the model</source>
        <translation>모델 업데이트</translation>
    </message>
    <message>
        <source>Upper end of its interval</source>
        <translation>구간의 상한</translation>
    </message>
    <message>
        <source>Values of your images</source>
        <translation>영상의 값</translation>
    </message>
    <message>
        <source>Zoom in to see the map: the view holds {:,.0f} million pixels, and at most {:g} million are mapped while you mark.</source>
        <translation>지도를 보려면 확대하십시오. 화면에 {:,.0f}백만 픽셀이 있으며, 표시하는 동안에는 최대 {:g}백만 픽셀의 지도를 만듭니다.</translation>
    </message>
    <message>
        <source>blue, green, red, near infrared</source>
        <translation>청색, 녹색, 적색, 근적외</translation>
    </message>
    <message>
        <source>blue, green, red, near infrared, SWIR 1.6 µm, SWIR 2.2 µm</source>
        <translation>청색, 녹색, 적색, 근적외, 단파적외 1.6 µm, 단파적외 2.2 µm</translation>
    </message>
    <message>
        <source>clouds and their shadows</source>
        <translation>구름과 구름 그림자</translation>
    </message>
    <message>
        <source>clouds, their shadows, snow and water</source>
        <translation>구름, 구름 그림자, 눈, 물</translation>
    </message>
    <message>
        <source>download,pretrained,model zoo,clouds,cloud mask,cloud shadow,snow,water,Sentinel-2,Landsat,first</source>
        <translation>내려받기,다운로드,사전 학습,모델,구름,구름 마스크,구름 그림자,눈,물,Sentinel-2,Landsat,처음</translation>
    </message>
    <message>
        <source>its data, its files or the version of DualStream have changed</source>
        <translation>데이터, 파일 또는 DualStream 버전이 바뀌었습니다</translation>
    </message>
    <message>
        <source>no score: each class needs marks in two places at least.</source>
        <translation>점수 없음: 클래스마다 적어도 두 곳에 표시가 필요합니다.</translation>
    </message>
    <message>
        <source>numbers of Landsat Collection 2, surface reflectance</source>
        <translation>Landsat Collection 2 지표 반사율의 값</translation>
    </message>
    <message>
        <source>numbers of Sentinel-2 since January 2022: reflectances times 10000, plus 1000</source>
        <translation>2022년 1월 이후 Sentinel-2의 값(반사율 x 10000 + 1000)</translation>
    </message>
    <message>
        <source>picture of the web map</source>
        <translation>웹 지도의 그림</translation>
    </message>
    <message>
        <source>reflectances from 0 to 1</source>
        <translation>0~1의 반사율</translation>
    </message>
    <message>
        <source>reflectances times 10000</source>
        <translation>반사율 x 10000</translation>
    </message>
    <message>
        <source>scribble,stroke,click,point,interactive,live,few labels,annotate,classification,machine learning,random forest,ilastik,draft,quick</source>
        <translation>낙서,획,클릭,점,대화형,실시간,적은 라벨,주석,분류,기계 학습,랜덤 포레스트,ilastik,초안,빠른</translation>
    </message>
    <message>
        <source>squares: places to label wholly. points: places to mark with a click, the middles of small squares (automatic: 16 pixels).</source>
        <translation>squares: 전체에 라벨을 만들 정사각형입니다. points: 클릭으로 표시할 곳이며, 작은 정사각형(자동: 16픽셀)의 가운데입니다.</translation>
    </message>
    <message>
        <source>{:,} marked pixel</source>
        <translation>표시된 픽셀 {:,}개</translation>
    </message>
    <message>
        <source>{:,} marked pixels</source>
        <translation>표시된 픽셀 {:,}개</translation>
    </message>
    <message>
        <source>{:,} marks in {} classes; no score yet: mark each class in two places at least.</source>
        <translation>표시 {:,}개, 클래스 {}개. 아직 점수가 없습니다. 클래스마다 적어도 두 곳을 표시하십시오.</translation>
    </message>
    <message>
        <source>{:,} marks in {} classes; {:.2f} mIoU on marks it had not seen (95 % interval {:.2f} to {:.2f}).</source>
        <translation>표시 {:,}개, 클래스 {}개. 학습하지 않은 표시의 mIoU {:.2f}(95 % 구간 {:.2f}~{:.2f}).</translation>
    </message>
    <message>
        <source>{:.1f} % of the picture are empty, because {} has no picture there: they have no class.</source>
        <translation>그림의 {:.1f} %는 {}에 그림이 없어 비어 있습니다. 이 부분에는 클래스가 없습니다.</translation>
    </message>
    <message>
        <source>{:.2f} mIoU on marks that it had not seen (95 % interval {:.2f} to {:.2f}).</source>
        <translation>학습하지 않은 표시의 mIoU {:.2f}(95 % 구간 {:.2f}~{:.2f}).</translation>
    </message>
    <message>
        <source>{} did not give a part of {} in {} attempts ({}). Nothing was written. Run it again later: what was fetched is in QGIS&apos;s cache. If it refuses always, check the layer&apos;s account and the terms of use.</source>
        <translation>{}에서 {}의 일부를 {}번 시도해도 받지 못했습니다({}). 아무것도 저장하지 않았습니다. 나중에 다시 실행하십시오. 이미 받은 부분은 QGIS 캐시에 있습니다. 계속 거부되면 레이어의 계정과 이용 약관을 확인하십시오.</translation>
    </message>
    <message>
        <source>{} does not hold marks of this panel: choose another file for the marks.</source>
        <translation>{}에는 이 패널의 표시가 없습니다. 표시를 저장할 다른 파일을 선택하십시오.</translation>
    </message>
    <message>
        <source>{} in {} classes ({}); {} It took {}.</source>
        <translation>{}, 클래스 {}개({}); {} {} 걸렸습니다.</translation>
    </message>
    <message>
        <source>{} is {} (was {})</source>
        <translation>{}: {}(이전: {})</translation>
    </message>
    <message>
        <source>{} point</source>
        <translation>점 {}개</translation>
    </message>
    <message>
        <source>{} points</source>
        <translation>점 {}개</translation>
    </message>
    <message>
        <source>{} shows nothing in this extent at {:g} units per pixel: choose another extent, or a coarser resolution (WEB_RESOLUTION, under Advanced).</source>
        <translation>이 범위에서 {}은(는) 픽셀당 {:g} 단위의 해상도로는 아무것도 보여 주지 않습니다. 다른 범위나 더 거친 해상도(고급의 WEB_RESOLUTION)를 지정하십시오.</translation>
    </message>
    <message>
        <source>{}; bands: {}; {}; made for {:g} m per pixel. {}, {}; {:.0f} MB, in a download of {:.0f} MB.</source>
        <translation>{}; 밴드: {}; {}; 픽셀당 {:g} m용. {}, {}; {:.0f} MB(내려받는 크기 {:.0f} MB).</translation>
    </message>
    <message>
        <source>{}; bf16 to map {} or more in one run (with a prepared model {}), and to train networks whose convolutions are all dense</source>
        <translation>{}. 한 번에 {} 이상(준비된 모델은 {} 이상) 세그멘테이션할 때와, 깊이별 합성곱이 없는 신경망을 학습할 때는 bf16</translation>
    </message>
    <message>
        <source>What this engine can do</source>
        <translation>이 엔진으로 할 수 있는 일</translation>
    </message>
</context>
</TS>

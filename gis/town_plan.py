"""The fixed plan behind the model town: where villages, waters and main roads roughly lie, and their names.

Metres from the town's centre, x east and y north; the generator bends all of it with seeded noise.
"""

TOWN_CODE = "320724199"
TOWN_NAME = "示范镇"
COUNTY_CODE = "320724"
COUNTY_NAME = "灌南县"
CENTER_LONLAT = (119.3800, 34.1220)

XY = tuple[float, float]

# name, kind, middle, how strongly it pulls land to itself (m), number of ordinary grids
VILLAGES: tuple[tuple[str, str, XY, float, int], ...] = (
    ("砚河社区", "community", (-680.0, -30.0), -350.0, 6),
    ("栖云社区", "community", (760.0, 20.0), -350.0, 6),
    ("白鹭村", "village", (-3320.0, 2120.0), 0.0, 4),
    ("青禾村", "village", (-1100.0, 2300.0), 0.0, 5),
    ("柳汀村", "village", (1280.0, 2460.0), 0.0, 4),
    ("望田村", "village", (3660.0, 2800.0), 0.0, 4),
    ("砚湖村", "village", (-3660.0, -80.0), 0.0, 5),
    ("晴川村", "village", (3320.0, 420.0), 0.0, 5),
    ("枣林村", "village", (-2800.0, -2120.0), 0.0, 4),
    ("稻香村", "village", (-420.0, -2040.0), 0.0, 5),
    ("荷塘村", "village", (2040.0, -1960.0), 0.0, 5),
    ("槐荫村", "village", (760.0, -4000.0), 0.0, 4),
)
REACH_M = 1500.0
REACH_LEVEL = 0.36

RIVER = ((-6460, 300), (-4420, 760), (-2550, 530), (-1020, 890), (510, 750), (1960, 1060), (3570, 1490), (6460, 1280))
CANAL = ((2340, 5100), (2080, 3060), (2000, 1070), (1830, -260), (2210, -1440), (1620, -2720), (1960, -5780))
RIVER_WIDTH_M = 62.0
CANAL_WIDTH_M = 24.0
RESERVOIR = (-3020.0, -1060.0)
RESERVOIR_RADIUS_M = 400.0
# small ponds: middle, radius
PONDS: tuple[tuple[XY, float], ...] = (
    ((2980.0, -850.0), 110.0),
    ((-1960.0, 2800.0), 90.0),
    ((760.0, -2890.0), 120.0),
    ((4160.0, 2300.0), 100.0),
)

# class, name, points
HIGHWAYS: tuple[tuple[str, str, tuple[XY, ...]], ...] = (
    (
        "provincial",
        "省道示范线",
        ((-260, 5440), (-760, 2890), (-1490, 1100), (-1530, -340), (-1150, -1870), (-170, -3140), (420, -6120)),
    ),
    (
        "county",
        "县道晴砚线",
        (
            (-6120, -600),
            (-3910, -600),
            (-2550, -360),
            (-1530, -680),
            (600, -700),
            (1870, -600),
            (3480, -130),
            (6120, 260),
        ),
    ),
    ("county", "县道白望线", ((-5780, 1620), (-3400, 1830), (-940, 2000), (1440, 2120), (3570, 2460), (6290, 3480))),
    ("county", "县道荷柳线", ((1620, 4760), (1490, 2120), (1570, 760), (1510, -680), (1740, -2120), (2800, -4420))),
)
SPEED_MPS = {"provincial": 16.7, "county": 13.9, "main": 11.1, "street": 8.3, "rural": 8.3, "lane": 4.2}
ROAD_KINDS = tuple(SPEED_MPS)

# the streets of the middle: names from west to east, and from south to north
AVENUES = ("育才路", "建设路", "栖云路", "朝阳路", "惠民路", "兴业路")
STREETS = ("南园街", "人民街", "老街", "文化街", "滨河街")
SIDE_AVENUES = (
    "清风路",
    "明德路",
    "书院路",
    "梧桐路",
    "银杏路",
    "玉兰路",
    "春晖路",
    "和谐路",
    "新苑路",
    "望河路",
    "青松路",
    "丹桂路",
    "学府路",
    "康宁路",
    "锦绣路",
    "同心路",
    "长青路",
    "云帆路",
    "金穗路",
    "紫荆路",
)
SIDE_STREETS = (
    "石榴街",
    "磨坊街",
    "裁缝巷",
    "豆腐巷",
    "染坊巷",
    "桃李街",
    "码头巷",
    "油坊巷",
    "铁匠巷",
    "书铺巷",
    "茶馆巷",
    "竹行街",
)

# kind, name, wished position; village offices and clinics are added for every village
PLACES: tuple[tuple[str, str, XY], ...] = (
    ("government", "示范镇人民政府", (-150.0, 150.0)),
    ("governance_center", "示范镇综治中心", (-40.0, 40.0)),
    ("police_station", "示范镇派出所", (260.0, 180.0)),
    ("traffic_police", "交警中队", (1180.0, -60.0)),
    ("justice_office", "示范镇司法所", (-270.0, 40.0)),
    ("court", "示范人民法庭", (-440.0, 200.0)),
    ("service_hall", "便民服务中心", (60.0, 260.0)),
    ("school", "镇中心小学", (-1000.0, 330.0)),
    ("school", "示范镇初级中学", (-1010.0, 110.0)),
    ("school", "栖云小学", (980.0, 330.0)),
    ("kindergarten", "镇中心幼儿园", (-1120.0, 480.0)),
    ("kindergarten", "栖云幼儿园", (840.0, 130.0)),
    ("market", "砚河农贸市场", (620.0, -330.0)),
    ("night_market", "老街夜市", (-330.0, -170.0)),
    ("supermarket", "惠民超市", (340.0, -90.0)),
    ("supermarket", "老街供销商场", (-620.0, -60.0)),
    ("bus_station", "示范镇客运站", (1230.0, -470.0)),
    ("hospital", "示范镇卫生院", (430.0, 390.0)),
    ("fire_station", "示范镇消防救援站", (-1120.0, -390.0)),
    ("police_box", "老街警务站", (-380.0, -280.0)),
    ("police_box", "客运站警务站", (1120.0, -540.0)),
    ("police_box", "砚湖警务站", (-2480.0, -520.0)),
    ("police_box", "工业园警务站", (2480.0, -1250.0)),
    ("petrol_station", "晴砚加油站", (-1900.0, -520.0)),
    ("petrol_station", "北郊加油站", (-1300.0, 1500.0)),
    ("sluice", "新河闸", (1990.0, 980.0)),
    ("sluice", "砚河节制闸", (-2600.0, 480.0)),
    ("pumping_station", "晴川排涝站", (3300.0, 1250.0)),
    ("reservoir", "砚湖水库风景区", (-2680.0, -640.0)),
    ("reservoir", "砚湖水库大坝", (-3060.0, -1480.0)),
    ("industrial", "示范镇工业园", (2560.0, -1420.0)),
    ("industrial", "云禾食品厂", (2780.0, -1600.0)),
    ("industrial", "砚河纺织厂", (1700.0, -900.0)),
    ("industrial", "新禾农机厂", (-1650.0, -900.0)),
    ("park", "砚河滨河公园", (-500.0, 610.0)),
    ("square", "示范镇文化广场", (120.0, -200.0)),
    ("square", "栖云广场", (1050.0, 60.0)),
    ("bank", "农商银行示范支行", (-100.0, -80.0)),
    ("post_office", "示范镇邮政所", (-560.0, 110.0)),
    ("nursing_home", "示范镇敬老院", (-780.0, -480.0)),
    ("residential", "砚河新村小区", (-760.0, 480.0)),
    ("residential", "栖云花园小区", (700.0, 540.0)),
    ("residential", "惠民家园小区", (300.0, -520.0)),
    ("waste_station", "示范镇垃圾转运站", (1650.0, 350.0)),
    ("water_works", "示范镇自来水厂", (-1350.0, 620.0)),
    ("substation", "示范变电站", (1420.0, 1500.0)),
)
# name, highway, water
BRIDGES: tuple[tuple[str, str, str], ...] = (
    ("砚河大桥", "省道示范线", "砚河"),
    ("荷柳大桥", "县道荷柳线", "砚河"),
    ("白望新河桥", "县道白望线", "新河"),
    ("晴砚新河桥", "县道晴砚线", "新河"),
)
